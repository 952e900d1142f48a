// The pace of announcements: between two of one kind on one interface, or on a garp_group of them, lies a pause. Pure.
//
// What has to wait is kept by address, so that a second burst adds nothing to a first one that is still on its way,
// and sent in rounds: every address once, then every address once more. A master that steps down takes what is
// left of its own back (law 1).

import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { Vip } from "./model.ts";

export type PacingConfig = Pace & {
  readonly groups: readonly (Pace & {
    readonly name: string;
    readonly interfaces: readonly string[];
  })[];
};

/** Pauses between gratuitous ARP packets, and between neighbour advertisements; 0 = none. */
export type Pace = { readonly garpMs: number; readonly gnaMs: number };

/** `left` announcements of one address. */
type Burst = { readonly owner: string; readonly vip: Vip; readonly left: number };

type Lane = {
  readonly everyMs: number;
  readonly nextAtMs: number;
  readonly bursts: readonly Burst[];
};

export type PacingState = { readonly lanes: ReadonlyMap<string, Lane> };

export type PacingInput =
  | {
      readonly type: "burst";
      readonly nowMs: number;
      readonly owner: string;
      readonly vips: readonly Vip[];
      readonly count: number;
    }
  /** `owner` is no longer master: nothing of it goes out any more. */
  | { readonly type: "drop"; readonly owner: string }
  | { readonly type: "timer"; readonly nowMs: number };

/** Each of these once, `count` times over. */
export type PacingAction = {
  readonly type: "send";
  readonly owner: string;
  readonly vips: readonly Vip[];
  readonly count: number;
};

type Result = Step<PacingState, PacingAction>;

export const UNHURRIED: PacingState = { lanes: new Map() };

export function deadlineMs({ lanes }: PacingState): number {
  let earliestMs = Infinity;
  for (const { nextAtMs, bursts } of lanes.values()) {
    if (bursts.length > 0) earliestMs = Math.min(earliestMs, nextAtMs);
  }
  return earliestMs;
}

export function step(config: PacingConfig, state: PacingState, input: PacingInput): Result {
  switch (input.type) {
    case "burst":
      return burst(config, state, input);
    case "drop":
      return { state: without(state, input.owner), actions: [] };
    case "timer":
      return due(state, input.nowMs);
    default:
      return unreachable(input);
  }
}

function burst(
  config: PacingConfig,
  state: PacingState,
  { nowMs, owner, vips, count }: PacingInput & { readonly type: "burst" },
): Result {
  if (count === 0 || vips.length === 0) return { state, actions: [] };
  const unpaced: Vip[] = [];
  const lanes = new Map(state.lanes);
  const grown = new Map<string, Map<string, Burst>>();
  for (const vip of vips) {
    const { name, everyMs } = laneOf(config, vip);
    if (everyMs === 0) {
      unpaced.push(vip);
      continue;
    }
    const lane = lanes.get(name) ?? { everyMs, nextAtMs: nowMs, bursts: [] };
    const bursts = grown.get(name) ?? byAddress(lane.bursts);
    const key = keyOf(owner, vip);
    const left = Math.max(count, bursts.get(key)?.left ?? 0);
    grown.set(name, bursts.set(key, { owner, vip, left }));
    lanes.set(name, { ...lane, everyMs });
  }
  for (const [name, bursts] of grown) {
    const lane = lanes.get(name);
    if (lane !== undefined) lanes.set(name, { ...lane, bursts: [...bursts.values()] });
  }
  const now: PacingAction[] =
    unpaced.length === 0 ? [] : [{ type: "send", owner, vips: unpaced, count }];
  const first = due({ lanes }, nowMs);
  return { state: first.state, actions: [...now, ...first.actions] };
}

/** At most one of each lane: what is late is not made up for by a burst. */
function due(state: PacingState, nowMs: number): Result {
  const lanes = new Map(state.lanes);
  const actions: PacingAction[] = [];
  for (const [name, lane] of lanes) {
    const [first, ...rest] = lane.bursts;
    if (nowMs < lane.nextAtMs) continue;
    if (first === undefined) {
      lanes.delete(name);
      continue;
    }
    actions.push({ type: "send", owner: first.owner, vips: [first.vip], count: 1 });
    const again = first.left > 1 ? [{ ...first, left: first.left - 1 }] : [];
    lanes.set(name, { ...lane, nextAtMs: nowMs + lane.everyMs, bursts: [...rest, ...again] });
  }
  return { state: { lanes }, actions };
}

function without({ lanes }: PacingState, owner: string): PacingState {
  return {
    lanes: new Map(
      Array.from(lanes, ([name, lane]) => [
        name,
        { ...lane, bursts: lane.bursts.filter((each) => each.owner !== owner) },
      ]),
    ),
  };
}

function laneOf(
  config: PacingConfig,
  { address, interface: device }: Vip,
): {
  readonly name: string;
  readonly everyMs: number;
} {
  const group = config.groups.find(({ interfaces }) => interfaces.includes(device));
  const { garpMs, gnaMs } = group ?? config;
  const where = group === undefined ? `interface ${device}` : `group ${group.name}`;
  return address.includes(":")
    ? { name: `gna ${where}`, everyMs: gnaMs }
    : { name: `garp ${where}`, everyMs: garpMs };
}

function byAddress(bursts: readonly Burst[]): Map<string, Burst> {
  return new Map(bursts.map((each) => [keyOf(each.owner, each.vip), each]));
}

function keyOf(owner: string, { address, interface: device }: Vip): string {
  return `${owner} ${address} ${device}`;
}
