// Weights that can never move the addresses: what one file lets know of it. What the priorities of the other node are is not
// known here, so only what none of them could change is said.

import { weightOf } from "../../track/model.ts";
import { PRIORITY_OWNER } from "../../vrrp/model.ts";
import { effectivePriority, PRIORITY_MIN } from "../../vrrp/priority.ts";
import type { TrackedUse } from "../model.ts";
import type { Report } from "../schema/lines.ts";
import type { Located } from "../schema/row.ts";
import type { Draft, Section } from "../schema/section.ts";
import { preempts, priorityOf, syncGroupOf } from "./effective.ts";
import { ignoredUses, KINDS, TRACK_KEYS, writtenUses } from "./tracked.ts";

type Instance = Section<"vrrp_instance">;
type Use = Located<TrackedUse>;

export function judgeWeights(draft: Draft, report: Report): void {
  // A line of a sync group counts for all of its members, and is told once.
  const told = new Set<string>();
  const once: Report = (line, message, severity) => {
    if (!told.has(message)) report(line, message, severity);
    told.add(message);
  };
  for (const instance of draft.vrrp_instance) {
    const weighed = usesOf(instance, draft).filter(({ value }) => value.weight !== 0);
    for (const use of weighed) judgeUse(use, weighed, priorityOf(instance), once);
    const [first] = weighed;
    if (first === undefined || priorityOf(instance) === PRIORITY_OWNER || preempts(instance))
      continue;
    once(
      first.line,
      `Cannot fail over by the weight of ${nameOf(first)} on a pair with nopreempt: a backup leaves a master alone whose priority has fallen (use weight 0 for a FAULT)`,
      "warning",
    );
  }
}

function judgeUse(use: Use, all: readonly Use[], base: number, report: Report): void {
  const why = base === PRIORITY_OWNER ? "priority 255 never changes" : idleReason(use, all, base);
  if (why === undefined) return;
  report(
    use.line,
    `Cannot use the weight ${use.value.weight} of ${nameOf(use)}: ${why}`,
    "warning",
  );
}

/** Why the priority is the same whether it is up or down, while all others are well; undefined = it is not. */
function idleReason(use: Use, all: readonly Use[], base: number): string | undefined {
  // A file counts as often as the number in it says: who knows.
  if (all.some(({ value }) => value.kind === "file")) return undefined;
  const others = all.filter((each) => each !== use).map((each) => deltaOf(each, true));
  const without = others.reduce((sum, delta) => sum + delta, base);
  const [up, down] = [true, false].map((isUp) =>
    effectivePriority(base, [...others, deltaOf(use, isUp)]),
  );
  if (up === undefined || up !== down) return undefined;
  const isLowest = up === PRIORITY_MIN;
  const which = isLowest
    ? "1 already, and does not fall below"
    : "254 already, and does not rise above";
  return without === base
    ? `the priority is ${which}`
    : `the priority is ${which}, while everything else that is tracked is well (${base} and the other weights come to ${without})`;
}

function deltaOf({ value }: Use, isUp: boolean): number {
  return weightOf(value, isUp).delta;
}

/** Those that count, its own and its group's; what is ignored is told by the rules of groups. */
function usesOf(instance: Instance, draft: Draft): readonly Use[] {
  const group = syncGroupOf(instance, draft);
  const ignored = new Set(ignoredUses(instance, group, draft).map(({ line }) => line));
  return KINDS.flatMap((kind) => {
    const own = writtenUses(kind, instance, draft).filter(({ line }) => !ignored.has(line));
    const shared = group === undefined ? [] : writtenUses(kind, group, draft);
    const zero = new Set(
      own.filter(({ value }) => value.weight === 0).map(({ value }) => value.name),
    );
    const names = new Set(shared.map(({ value }) => value.name));
    return [
      ...own.filter(({ value }) => !names.has(value.name)),
      ...shared.filter(
        ({ value }) =>
          !zero.has(value.name) &&
          (kind !== "interface" || value.name !== instance.values.interface),
      ),
    ];
  });
}

function nameOf({ value }: Use): string {
  return `${TRACK_KEYS[value.kind]} ${value.name}`;
}
