// Carries a plan out, one step after the other. Each is remembered before it is made and forgotten after it is undone, so
// that a crash anywhere leaves a memory that knows enough.

import { isDeepStrictEqual } from "node:util";
import { errorText } from "../lib/errors.ts";
import type { Hands } from "./hands.ts";
import { type Change, keyOf, type Memory, tunnelsOf, type Wanted } from "./model.ts";
import { plan, type Step } from "./plan.ts";

export type Outcome = {
  readonly done: readonly Step[];
  /** What was left as it is, and why. */
  readonly left: readonly string[];
  readonly errors: readonly string[];
};

export type Keeping = {
  readonly hands: Hands;
  /** On the disk when it returns. */
  readonly save: (memory: Memory) => void;
};

/** Makes everything as wanted. What cannot be is taken back: errors, and nothing done. */
export function start(before: Memory, wanted: Wanted, { hands, save }: Keeping): Outcome {
  let memory: Memory = { ...before, wanted };
  const done: Step[] = [];
  try {
    for (const tunnel of tunnelsOf(wanted)) hands.needTunnel(tunnel);
    const steps = plan(memory, hands.look());
    if (!isDeepStrictEqual(memory, before)) save(memory);
    for (const step of steps.filter(({ kind }) => kind === "make")) {
      memory = { ...memory, changes: remembering(memory.changes, step.change) };
      save(memory);
      try {
        hands.make(step.change);
      } catch (error) {
        throw new Error(`Cannot ${stepText(step)}`, { cause: error });
      }
      done.push(step);
    }
    const undone = undo(steps, memory, { hands, save });
    return { ...undone, done: [...done, ...undone.done] };
  } catch (error) {
    const known = new Set(before.changes.map(keyOf));
    const made = memory.changes.filter((change) => !known.has(keyOf(change))).toReversed();
    const back = made.map((change): Step => ({ kind: "undo", change }));
    const { left, errors } = undo(back, { ...memory, wanted: before.wanted }, { hands, save });
    return { done: [], left, errors: [errorText(error), ...errors] };
  }
}

/** Takes back what is wanted no longer, and makes nothing. What cannot be taken back stays remembered. */
export function stop(before: Memory, wanted: Wanted, keeping: Keeping): Outcome {
  const memory = { ...before, wanted };
  keeping.save(memory);
  return undo(plan(memory, keeping.hands.look()), memory, keeping);
}

function undo(steps: readonly Step[], before: Memory, { hands, save }: Keeping): Outcome {
  let memory = before;
  const outcome = { done: [] as Step[], left: [] as string[], errors: [] as string[] };
  for (const step of steps.filter(({ kind }) => kind === "undo")) {
    try {
      const kept = hands.undo(step.change);
      if (kept === undefined) outcome.done.push(step);
      else outcome.left.push(kept);
      const key = keyOf(step.change);
      memory = { ...memory, changes: memory.changes.filter((each) => keyOf(each) !== key) };
    } catch (error) {
      outcome.errors.push(`Cannot ${stepText(step)}: ${errorText(error)}`);
    }
    save(memory);
  }
  save(memory);
  return outcome;
}

function remembering(changes: readonly Change[], change: Change): readonly Change[] {
  const key = keyOf(change);
  if (!changes.some((each) => keyOf(each) === key)) return [...changes, change];
  return changes.map((each) => (keyOf(each) === key ? change : each));
}

/** "put 10.0.0.100 on lo" */
export function stepText({ kind, change }: Step): string {
  const isMade = kind === "make";
  switch (change.kind) {
    case "sysctl":
      return `set ${change.path} to ${isMade ? change.value : change.before}`;
    case "up":
      return `set ${change.device} ${isMade ? "up" : "down"}`;
    case "address":
      return `${isMade ? "put" : "take"} ${change.address} ${isMade ? "on" : "off"} ${change.device}`;
    case "gateway":
      return `${isMade ? "make" : "remove"} the default route via ${change.via}`;
    case "away":
      return `${isMade ? "remove" : "put back"} the default route${change.via === null ? "" : ` via ${change.via}`}`;
  }
}
