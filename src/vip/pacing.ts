// The pace of announcements: between two of one kind on one interface, or on a garp_group of them, lies a pause. Pure.
//
// Without a pause as many go out at once as delay nothing else: after some hundred frames other things of this process have their
// turn, an advert, a packet, the heartbeat. A burst of a thousand addresses would hold them up for tens of milliseconds.
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

/** How many frames without a pause may still go out until then. */
type Turn = { readonly endsAtMs: number; readonly left: number };

export type PacingState = { readonly lanes: ReadonlyMap<string, Lane>; readonly turn: Turn };

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

/** Some microseconds each; half of the time is left for others. */
export const FRAMES_A_TURN = 250;
export const TURN_MS = 4;
/** A burst of so few is never worth a wait. */
const FEW_FRAMES = 25;

export const UNHURRIED: PacingState = {
  lanes: new Map(),
  turn: { endsAtMs: -Infinity, left: 0 },
};

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
      return { state: { ...state, lanes: without(state, input.owner) }, actions: [] };
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
  const paced: Vip[] = [];
  for (const vip of vips) (laneOf(config, owner, vip).everyMs === 0 ? unpaced : paced).push(vip);
  const frames = unpaced.length * count;
  const turn = turnAt(state, nowMs);
  const isFree = !state.lanes.has(unpacedLane(owner));
  const atOnce = isFree && frames <= Math.max(FEW_FRAMES, turn.left);
  const now: PacingAction[] =
    atOnce && frames > 0 ? [{ type: "send", owner, vips: unpaced, count }] : [];
  const left = atOnce ? Math.max(0, turn.left - frames) : turn.left;
  const waiting = atOnce ? paced : vips;
  if (waiting.length === 0) return { state: { ...state, turn: { ...turn, left } }, actions: now };
  const lanes = queued(config, state, { nowMs, owner, vips: waiting, count });
  const first = due({ lanes, turn: { ...turn, left } }, nowMs);
  return { state: first.state, actions: [...now, ...first.actions] };
}

/** The lanes with these at their ends; what waits there already is not said twice. */
function queued(
  config: PacingConfig,
  state: PacingState,
  { nowMs, owner, vips, count }: Omit<PacingInput & { readonly type: "burst" }, "type">,
): ReadonlyMap<string, Lane> {
  const lanes = new Map(state.lanes);
  const grown = new Map<string, Map<string, Burst>>();
  for (const vip of vips) {
    const { name, everyMs } = laneOf(config, owner, vip);
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
  return lanes;
}

/** At most one of each lane with a pause: what is late is not made up for by a burst. */
function due(state: PacingState, nowMs: number): Result {
  const lanes = new Map(state.lanes);
  let turn = turnAt(state, nowMs);
  const actions: PacingAction[] = [];
  for (const [name, lane] of state.lanes) {
    if (nowMs < lane.nextAtMs) continue;
    const { everyMs, bursts } = lane;
    const taken = bursts.slice(0, everyMs === 0 ? turn.left : 1);
    const [first] = taken;
    // A lane that had its turn goes to the end of the line, so that nobody waits for one with much to say.
    if (first !== undefined || bursts.length === 0) lanes.delete(name);
    if (everyMs === 0) turn = { ...turn, left: turn.left - taken.length };
    if (first !== undefined) {
      const vips = taken.map(({ vip }) => vip);
      actions.push({ type: "send", owner: first.owner, vips, count: 1 });
    }
    const again = taken.flatMap((each) =>
      each.left > 1 ? [{ ...each, left: each.left - 1 }] : [],
    );
    const rest = [...bursts.slice(taken.length), ...again];
    if (rest.length === 0 && (everyMs === 0 || first === undefined)) continue;
    const nextAtMs = everyMs === 0 ? turn.endsAtMs : nowMs + everyMs;
    lanes.set(name, { everyMs, nextAtMs, bursts: rest });
  }
  return { state: { lanes, turn }, actions };
}

function turnAt({ turn }: PacingState, nowMs: number): Turn {
  return nowMs < turn.endsAtMs ? turn : { endsAtMs: nowMs + TURN_MS, left: FRAMES_A_TURN };
}

function without({ lanes }: PacingState, owner: string): ReadonlyMap<string, Lane> {
  const others = Array.from(lanes, ([name, lane]): [string, Lane] => [
    name,
    { ...lane, bursts: lane.bursts.filter((each) => each.owner !== owner) },
  ]);
  // Of a lane with a pause its end is remembered.
  return new Map(others.filter(([, { everyMs, bursts }]) => everyMs > 0 || bursts.length > 0));
}

function laneOf(
  config: PacingConfig,
  owner: string,
  { address, interface: device }: Vip,
): {
  readonly name: string;
  readonly everyMs: number;
} {
  const group = config.groups.find(({ interfaces }) => interfaces.includes(device));
  const { garpMs, gnaMs } = group ?? config;
  const everyMs = address.includes(":") ? gnaMs : garpMs;
  if (everyMs === 0) return { name: unpacedLane(owner), everyMs };
  const where = group === undefined ? `interface ${device}` : `group ${group.name}`;
  return { name: `${address.includes(":") ? "gna" : "garp"} ${where}`, everyMs };
}

/** Of each instance its own: there is no pause to share. */
function unpacedLane(owner: string): string {
  return `of ${owner}`;
}

function byAddress(bursts: readonly Burst[]): Map<string, Burst> {
  return new Map(bursts.map((each) => [keyOf(each.owner, each.vip), each]));
}

function keyOf(owner: string, { address, interface: device }: Vip): string {
  return `${owner} ${address} ${device}`;
}
