// What the transitions of the VRRP machine are made of. RFC 5798 §6.4.

import type { Step } from "../lib/drive.ts";
import {
  type FaultCause,
  type InstanceConfig,
  PRIORITY_OWNER,
  PRIORITY_RELEASE,
  type StateName,
  type TransitionCause,
} from "./model.ts";
import type { Action, Input, Lower, Master, State } from "./states.ts";
import { masterDownMs } from "./timers.ts";

export type Result = Step<State, Action>;
type Backup = State & { readonly name: "BACKUP" };
type AdvertInput = Input & { readonly type: "advert" };

export const RELEASE: readonly Action[] = [{ type: "send-advert", priority: PRIORITY_RELEASE }];

// Addresses first, advert after: whoever hears it may take them at once (law: one owner).
export function leave(
  state: State,
  next: State,
  cause: TransitionCause,
  last: readonly Action[],
  peer: Master | null = null,
): Result {
  return {
    state: next,
    actions: [{ type: "release" }, ...last, moved(state, next.name, cause, peer)],
  };
}

/** Says the winner's interval, not our own: a third router would learn the wrong one from it. */
export function farewell(config: InstanceConfig, intervalMs: number): readonly Action[] {
  const { policy, advertIntervalMs } = config;
  if (!policy.saysFarewell) return [];
  const own = intervalMs === advertIntervalMs;
  // An owner that goes is none any more: the other one would count what sounds like it.
  const priority = Math.min(config.priority, PRIORITY_OWNER - 1);
  return [{ type: "send-advert", priority, ...(own ? {} : { intervalMs }) }];
}

export function advertise(
  config: InstanceConfig,
  state: State & { readonly name: "MASTER" },
  nowMs: number,
): Step<State & { readonly name: "MASTER" }, Action> {
  const { over: _over, ...known } = state;
  // From the planned time, not from now, so that lateness does not add up; unless a whole interval was missed.
  const planned = state.advertAtMs + config.advertIntervalMs;
  const onTime = nowMs >= state.advertAtMs && planned > nowMs;
  const advertAtMs = onTime ? planned : nowMs + config.advertIntervalMs;
  return {
    state: { ...known, advertAtMs },
    actions: [{ type: "send-advert", priority: config.priority }],
  };
}

export function fault(state: State, faults: readonly FaultCause[]): Result {
  return { state: { name: "FAULT", faults }, actions: [moved(state, "FAULT", "fault")] };
}

export function moved(
  from: State,
  to: StateName,
  cause: TransitionCause,
  peer: Master | null = masterSeenBy(from),
): Action {
  return { type: "transition", from: from.name, to, cause, peer };
}

/** Whom a backup gives way to, or takes the addresses from. */
function masterSeenBy(state: State): Master | null {
  if (state.name !== "BACKUP") return null;
  const { lower, master } = state;
  // Who is silent is named before who is lower.
  if (lower === null || (master !== null && master.address !== lower.address)) return master;
  return { address: lower.address, priority: lower.priority, heardMs: lower.heardMs };
}

/**
 * Why a backup's timer ends its time. RFC 5798 §6.4.2 (445) does not listen to a lower master, so that its timer runs out as
 * if nobody was there; but somebody is, and a dead master is another matter.
 */
export function timerCause(config: InstanceConfig, state: Backup, nowMs: number): TransitionCause {
  const { masterLeft, lower, master } = state;
  if (masterLeft) return "priority_zero_received";
  if (lower === null || livingLower(config, state, nowMs) === null) return "master_down_timer";
  return master === null || master.address === lower.address ? lower.cause : "master_down_timer";
}

/** What a backup knows of a master that it outranks, with this advert of it. */
export function lowerHeard(state: Backup, input: AdvertInput): Lower {
  const { source: address, priority, nowMs: heardMs } = input;
  const { lower, master } = state;
  if (lower?.address === address) return { ...lower, priority, heardMs };
  if (master?.address !== address) {
    return { address, priority, heardMs, cause: "lower_master_preempted" };
  }
  const fell = priority < master.priority;
  return { address, priority, heardMs, cause: fell ? "master_priority_fell" : "own_priority_rose" };
}

export function stay(state: State): Result {
  return { state, actions: [] };
}

export function downMs(config: InstanceConfig, masterIntervalMs: number): number {
  return masterDownMs(config, masterIntervalMs, config.policy.downTimerAdverts);
}

export function backupOf(
  config: InstanceConfig,
  nowMs: number,
  masterIntervalMs: number,
  master: Master | null,
): Backup {
  const masterDownAtMs = nowMs + downMs(config, masterIntervalMs);
  const name = "BACKUP";
  return {
    name,
    masterDownAtMs,
    masterIntervalMs,
    master,
    lower: null,
    masterLeft: false,
    claim: null,
    preemptAtMs: null,
  };
}

/** The lower master that a backup would preempt, while it speaks. */
export function livingLower(config: InstanceConfig, state: State, nowMs: number): Lower | null {
  if (state.name !== "BACKUP" || state.lower === null || state.masterLeft) return null;
  const { lower, masterIntervalMs } = state;
  return nowMs - lower.heardMs < downMs(config, masterIntervalMs) ? lower : null;
}

/** A member of a sync group does not take over alone. */
export function takeOver(
  config: InstanceConfig,
  state: Backup,
  nowMs: number,
  cause: TransitionCause,
): Result {
  if (config.syncGroup === null || config.standsBy === true)
    return becomeMaster(config, state, nowMs, cause);
  if (state.claim !== null) return stay(state);
  return { state: { ...state, claim: cause }, actions: [{ type: "claim" }] };
}

export function becomeMaster(
  config: InstanceConfig,
  state: State,
  nowMs: number,
  cause: TransitionCause,
): Result {
  if (config.standsBy === true && state.name === "BACKUP") return waitOn(config, state, nowMs);
  const advertAtMs = nowMs + config.advertIntervalMs;
  const lower = livingLower(config, state, nowMs);
  const over = lower && {
    address: lower.address,
    priority: lower.priority,
    heardMs: lower.heardMs,
  };
  return {
    state: { name: "MASTER", advertAtMs, ...(over === null ? {} : { over }) },
    actions: [
      { type: "send-advert", priority: config.priority },
      { type: "hold" },
      { type: "announce", why: "new-master" },
      moved(state, "MASTER", cause),
    ],
  };
}

/** In maintenance: nobody is heard, and it only goes on listening. */
function waitOn(config: InstanceConfig, state: Backup, nowMs: number): Result {
  const masterDownAtMs = nowMs + downMs(config, state.masterIntervalMs);
  return stay({ ...state, masterDownAtMs, claim: null });
}
