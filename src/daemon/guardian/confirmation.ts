// `duet reload --confirm 60s`: what is loaded runs on trial until somebody confirms it, or else what was confirmed last comes
// back. Whatever is loaded meanwhile is on trial too, so that no reload by a machine takes the way back away: only
// `duet confirm` does. Pure: it knows no configuration but as something to come back to.

import type { Step } from "../../lib/drive.ts";

export type State<Good> = {
  /** null = what runs needs no confirmation. */
  readonly trial: Trial<Good> | null;
  /** How the last trial ended. */
  readonly ended: "confirmed" | "rolled-back" | null;
};

export type Trial<Good> = {
  /** What was confirmed last. */
  readonly good: Good;
  readonly untilMs: number;
  readonly forMs: number;
};

export type Input<Good> =
  /** A valid file is about to be used instead of `good`; without `confirmMs` nobody asked for a trial. */
  | {
      readonly type: "load";
      readonly nowMs: number;
      readonly good: Good;
      readonly confirmMs: number | null;
    }
  | { readonly type: "confirm" }
  | { readonly type: "timer"; readonly nowMs: number }
  | { readonly type: "stop" };

export type Action<Good> =
  /** `isNew` false = the trial goes on with something else, until then. */
  | {
      readonly type: "try";
      readonly good: Good;
      readonly forMs: number;
      readonly untilMs: number;
      readonly isNew: boolean;
    }
  | { readonly type: "confirmed" }
  | { readonly type: "nothing-to-confirm"; readonly reason: string }
  | { readonly type: "roll-back"; readonly to: Good; readonly forMs: number }
  /** It stops while something is on trial. */
  | { readonly type: "left-open" };

export const NO_TRIAL: State<never> = { trial: null, ended: null };

export function step<Good>(
  state: State<Good>,
  input: Input<Good>,
): Step<State<Good>, Action<Good>> {
  const { trial } = state;
  switch (input.type) {
    case "load":
      return load(state, input);
    case "confirm":
      return trial === null
        ? { state, actions: [{ type: "nothing-to-confirm", reason: whyNothing(state) }] }
        : { state: { trial: null, ended: "confirmed" }, actions: [{ type: "confirmed" }] };
    case "timer":
      return trial === null || input.nowMs < trial.untilMs
        ? { state, actions: [] }
        : {
            state: { trial: null, ended: "rolled-back" },
            actions: [{ type: "roll-back", to: trial.good, forMs: trial.forMs }],
          };
    case "stop":
      return {
        state: { ...state, trial: null },
        actions: trial === null ? [] : [{ type: "left-open" }],
      };
  }
}

export function deadlineMs({ trial }: State<unknown>): number {
  return trial?.untilMs ?? Infinity;
}

function load<Good>(
  state: State<Good>,
  { nowMs, good, confirmMs }: Input<Good> & { readonly type: "load" },
): Step<State<Good>, Action<Good>> {
  const { trial } = state;
  if (trial === null && confirmMs === null) return { state, actions: [] };
  const isNew = confirmMs !== null;
  const next = {
    good: trial?.good ?? good,
    forMs: confirmMs ?? trial?.forMs ?? 0,
    untilMs: isNew ? nowMs + confirmMs : (trial?.untilMs ?? nowMs),
  };
  return { state: { trial: next, ended: null }, actions: [{ type: "try", ...next, isNew }] };
}

function whyNothing({ ended }: State<unknown>): string {
  const why = {
    confirmed: "the last one was confirmed",
    "rolled-back": "the last one was not confirmed in time and was rolled back",
    none: "duet reload --confirm TIME begins with one",
  }[ended ?? "none"];
  return `Cannot confirm: no configuration waits for it (${why})`;
}
