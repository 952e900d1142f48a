// When a master says "these addresses are mine": a burst at once, a second one after a pause, then the refresh,
// as keepalived's garp_master_* say. Pure; the frames are sent by whoever carries out "announce".
//
// Beyond keepalived there are echoes between the two bursts. A busy predecessor that is not duet may hold the addresses
// some milliseconds longer than it takes us to announce them, and what it answers or asks in that time (an ARP request
// for a client, sent from the virtual address) turns caches back to it until the second burst, five seconds later.

import type { Step } from "../lib/drive.ts";
import { freeAtMs, type Rate, spend, UNSPENT } from "../lib/rate.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { AnnounceConfig } from "./model.ts";

export type AnnounceState = {
  /** What follows the first burst, the next one first. */
  readonly bursts: readonly Burst[];
  readonly refreshAtMs: number;
  readonly extraAtMs: number;
  /** Of those that others cause: somebody lower, and somebody lower than another member of the sync group. */
  readonly paidUntilMs: Readonly<Record<"ours" | "group", number>>;
};

type Burst = { readonly atMs: number; readonly count: number };

/**
 * More than that is a storm. A loser of a split is told, goes, and says so at once; who belongs to the same sync group as
 * the one that heard it has an account of its own, so that it has its say when its own loser goes.
 */
const RATES: Readonly<Record<"ours" | "group", Rate>> = {
  ours: { everyMs: 1000, atOnce: 2 },
  group: { everyMs: 1000, atOnce: 1 },
};

/** After the first burst, one announcement each. */
const ECHOES_MS: readonly number[] = [100, 1000];

export type AnnounceWhy = "new-master" | "lower-priority" | "group-lower";

export type AnnounceInput =
  /** Became master, or has to say it again. */
  | {
      readonly type: "start";
      readonly why: AnnounceWhy;
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
  paidUntilMs: { ours: UNSPENT, group: UNSPENT },
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
    case "start":
      return start(config, state, input);
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

function start(
  config: AnnounceConfig,
  { bursts, paidUntilMs, ...state }: AnnounceState,
  { why, nowMs }: AnnounceInput & { readonly type: "start" },
): Step<AnnounceState, AnnounceAction> {
  const fresh = why === "new-master";
  const count = fresh ? config.repeat : config.lowerRepeat;
  const delayMs = fresh ? config.delayMs : config.lowerDelayMs;
  const account = why === "group-lower" ? "group" : "ours";
  const rate = RATES[account];
  const paid = fresh ? paidUntilMs[account] : spend(rate, paidUntilMs[account], nowMs);
  if (paid === undefined) {
    // Too soon. What follows the last burst says it again; if nothing does, it is said as soon as it may be.
    if (bursts.length > 0 || count === 0)
      return { state: { ...state, bursts, paidUntilMs }, actions: [] };
    const atMs = freeAtMs(rate, paidUntilMs[account]);
    const until = { ...paidUntilMs, [account]: paidUntilMs[account] + rate.everyMs };
    return { state: { ...state, bursts: [{ atMs, count }], paidUntilMs: until }, actions: [] };
  }
  return {
    state: {
      bursts: count === 0 ? [] : following(nowMs, delayMs, count),
      refreshAtMs: config.refreshMs === 0 ? Infinity : nowMs + config.refreshMs,
      extraAtMs: config.extraMs === 0 ? Infinity : nowMs + config.extraMs,
      paidUntilMs: { ...paidUntilMs, [account]: paid },
    },
    actions: announced(count),
  };
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
