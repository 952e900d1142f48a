// When a master says "these addresses are mine": a burst at once, a second one after a pause, then the refresh,
// as keepalived's garp_master_* say. Pure; the frames are sent by whoever carries out "announce".

import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { AnnounceConfig } from "./model.ts";

export type AnnounceState = {
  readonly secondAtMs: number;
  /** How large the second burst will be. */
  readonly secondCount: number;
  readonly refreshAtMs: number;
  readonly extraAtMs: number;
};

export type AnnounceInput =
  /** Became master, or has to say it again. */
  | {
      readonly type: "start";
      readonly why: "new-master" | "lower-priority";
      readonly nowMs: number;
    }
  | { readonly type: "timer"; readonly nowMs: number }
  | { readonly type: "stop" };

/** Every address `count` times; `extra`: only those on interfaces that send no adverts. */
export type AnnounceAction = { readonly type: "announce" | "extra"; readonly count: number };

export const QUIET: AnnounceState = {
  secondAtMs: Infinity,
  secondCount: 0,
  refreshAtMs: Infinity,
  extraAtMs: Infinity,
};

export function deadlineMs(state: AnnounceState): number {
  return Math.min(state.secondAtMs, state.refreshAtMs, state.extraAtMs);
}

export function step(
  config: AnnounceConfig,
  state: AnnounceState,
  input: AnnounceInput,
): Step<AnnounceState, AnnounceAction> {
  switch (input.type) {
    case "start": {
      const fresh = input.why === "new-master";
      const count = fresh ? config.repeat : config.lowerRepeat;
      const delayMs = fresh ? config.delayMs : config.lowerDelayMs;
      return {
        state: {
          secondAtMs: delayMs === 0 ? Infinity : input.nowMs + delayMs,
          secondCount: count,
          refreshAtMs: config.refreshMs === 0 ? Infinity : input.nowMs + config.refreshMs,
          extraAtMs: config.extraMs === 0 ? Infinity : input.nowMs + config.extraMs,
        },
        actions: announced(count),
      };
    }
    case "stop":
      return { state: QUIET, actions: [] };
    case "timer":
      if (input.nowMs >= state.secondAtMs) {
        const next = { ...state, secondAtMs: Infinity };
        return { state: next, actions: announced(state.secondCount) };
      }
      if (input.nowMs >= state.refreshAtMs) {
        const next = { ...state, refreshAtMs: input.nowMs + config.refreshMs };
        return { state: next, actions: [{ type: "announce", count: config.refreshRepeat }] };
      }
      if (input.nowMs >= state.extraAtMs) {
        const next = { ...state, extraAtMs: input.nowMs + config.extraMs };
        return { state: next, actions: [{ type: "extra", count: 1 }] };
      }
      return { state, actions: [] };
    default:
      return unreachable(input);
  }
}

function announced(count: number): readonly AnnounceAction[] {
  return count === 0 ? [] : [{ type: "announce", count }];
}
