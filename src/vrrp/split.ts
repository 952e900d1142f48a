// Two masters, and one of them left: a healed split. While both were, each moved the address where it can (a cloud's API, a
// switch), and the loser may have done so last. So the winner does it once more when the other is gone. Pure.

import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";

export type SplitState = {
  /** null = not MASTER. */
  readonly masterAtMs: number | null;
  /** Whom it heard last as BACKUP. */
  readonly before: string | null;
  /** When the other master counts as gone. */
  readonly goneAtMs: number;
  readonly wonAtMs: number;
};

export type SplitInput =
  | { readonly type: "master"; readonly nowMs: number }
  | { readonly type: "left" }
  /** As BACKUP: of whoever is master. */
  | { readonly type: "heard"; readonly source: string }
  /** As MASTER: of somebody lower, or of somebody who was master too and leaves. */
  | {
      readonly type: "lower";
      readonly nowMs: number;
      readonly source: string;
      readonly intervalMs: number;
    }
  | { readonly type: "timer"; readonly nowMs: number };

export type SplitAction = { readonly type: "won" };

/** How many adverts of the other have to be missing. */
const MISSED = 2;
const GONE_MIN_MS = 500;
/** In so many intervals a master that was replaced has heard of it. */
const HANDOVER_INTERVALS = 3;
const WON_EVERY_MS = 30_000;

export const UNDIVIDED: SplitState = {
  masterAtMs: null,
  before: null,
  goneAtMs: Infinity,
  wonAtMs: -Infinity,
};

export function deadlineMs({ goneAtMs }: SplitState): number {
  return goneAtMs;
}

export function step(
  _config: null,
  state: SplitState,
  input: SplitInput,
): Step<SplitState, SplitAction> {
  switch (input.type) {
    case "master":
      return { state: { ...state, masterAtMs: input.nowMs }, actions: [] };
    case "left":
      return {
        state: { ...state, masterAtMs: null, before: null, goneAtMs: Infinity },
        actions: [],
      };
    case "heard":
      if (state.before === input.source) return { state, actions: [] };
      return { state: { ...state, before: input.source }, actions: [] };
    case "lower":
      return { state: lower(state, input), actions: [] };
    case "timer":
      if (input.nowMs < state.goneAtMs) return { state, actions: [] };
      return {
        state: { ...state, goneAtMs: Infinity, wonAtMs: input.nowMs },
        actions: [{ type: "won" }],
      };
    default:
      return unreachable(input);
  }
}

function lower(state: SplitState, input: SplitInput & { readonly type: "lower" }): SplitState {
  const { masterAtMs } = state;
  if (masterAtMs === null) return state;
  const { nowMs, source, intervalMs } = input;
  // The one that was replaced was master before: it moved nothing since.
  const replaced = source === state.before && nowMs - masterAtMs < HANDOVER_INTERVALS * intervalMs;
  if (replaced) return state;
  const silentAtMs = nowMs + Math.max(MISSED * intervalMs, GONE_MIN_MS);
  return { ...state, goneAtMs: Math.max(silentAtMs, state.wonAtMs + WON_EVERY_MS) };
}
