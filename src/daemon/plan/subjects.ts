// The changes of a plan as they are found, by what they are about. Pure.

import type { SectionDifference } from "../../config/diff.ts";
import { type Plan, type PlanChange, type PlanSubject, worstOf } from "../../control/plan.ts";

export type Subjects = {
  readonly add: (title: string, change: Change) => void;
  readonly plan: () => Plan;
};

export type Change = Pick<PlanChange, "class" | "text"> & { readonly operation?: string };

type Draft = Pick<PlanSubject, "title" | "what"> & { readonly changes: PlanChange[] };

/** `waiting`: keys that mean something at a start only. */
export function openSubjects(
  differences: readonly SectionDifference[],
  waiting: readonly string[],
): Subjects {
  const subjects = new Map<string, Draft>();

  function add(title: string, { class: kind, text, operation }: Change): void {
    const known = subjects.get(title);
    const draft: Draft = known ?? { title, what: "changed", changes: [] };
    if (known === undefined) subjects.set(title, draft);
    draft.changes.push({ class: kind, text, operation: operation ?? null });
  }

  for (const { title, what, keys } of differences) {
    subjects.set(title, { title, what, changes: [] });
    if (what !== "changed") add(title, { class: "connections_kept", text: what });
    for (const { key, text } of keys) {
      const isLater = title === "global" && waiting.includes(key);
      add(title, { class: isLater ? "restart_needed" : "connections_kept", text });
    }
  }

  return {
    add,
    plan() {
      const all = [...subjects.values()];
      const changes = all.flatMap((subject) => subject.changes);
      return {
        class: worstOf(changes.map((change) => change.class)),
        restart_needed: waiting,
        operations: changes.filter(({ operation }) => operation !== null).length,
        subjects: all,
      };
    },
  };
}
