// When a master says "these addresses are mine": a burst at once, a second one after a pause, then the refresh,
// as keepalived's garp_master_* say. Pure; the frames are sent by whoever carries out "announce".
//
// Beyond keepalived there are echoes between the two bursts. A busy predecessor that is not duet may hold the addresses
// some milliseconds longer than it takes us to announce them, and what it answers or asks in that time (an ARP request
// for a client, sent from the virtual address) turns caches back to it until the second burst, five seconds later.

import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { AnnounceConfig } from "./model.ts";

export type AnnounceState = {
  /** What follows the first burst, the next one first. */
  readonly bursts: readonly Burst[];
  readonly refreshAtMs: number;
  readonly extraAtMs: number;
};

type Burst = { readonly atMs: number; readonly count: number };

/** After the first burst, one announcement each. */
const ECHOES_MS: readonly number[] = [100, 1000];

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
  bursts: [],
  refreshAtMs: Infinity,
  extraAtMs: Infinity,
};

export function deadlineMs({ bursts, refreshAtMs, extraAtMs }: AnnounceState): number {
  return Math.min(bursts[0]?.atMs ?? Infinity, refreshAtMs, extraAtMs);
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
          bursts: count === 0 ? [] : following(input.nowMs, delayMs, count),
          refreshAtMs: config.refreshMs === 0 ? Infinity : input.nowMs + config.refreshMs,
          extraAtMs: config.extraMs === 0 ? Infinity : input.nowMs + config.extraMs,
        },
        actions: announced(count),
      };
    }
    case "stop":
      return { state: QUIET, actions: [] };
    case "timer": {
      const [burst, ...later] = state.bursts;
      if (burst !== undefined && input.nowMs >= burst.atMs) {
        return { state: { ...state, bursts: later }, actions: announced(burst.count) };
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
    }
    default:
      return unreachable(input);
  }
}

/** `delayMs` 0: the first burst was all. */
function following(nowMs: number, delayMs: number, count: number): readonly Burst[] {
  if (delayMs === 0) return [];
  const echoes = ECHOES_MS.filter((afterMs) => afterMs < delayMs);
  return [
    ...echoes.map((afterMs) => ({ atMs: nowMs + afterMs, count: 1 })),
    { atMs: nowMs + delayMs, count },
  ];
}

function announced(count: number): readonly AnnounceAction[] {
  return count === 0 ? [] : [{ type: "announce", count }];
}
