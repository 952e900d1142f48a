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
import type { Action, Master, State } from "./states.ts";
import { masterDownMs } from "./timers.ts";

export type Result = Step<State, Action>;

export const RELEASE: readonly Action[] = [{ type: "send-advert", priority: PRIORITY_RELEASE }];

// Addresses first, advert after: whoever hears it may take them at once (law: one owner).
export function leave(
  state: State,
  next: State,
  cause: TransitionCause,
  last: readonly Action[],
): Result {
  return {
    state: next,
    actions: [{ type: "release" }, ...last, moved(state, next.name, cause)],
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
): Result {
  // From the planned time, not from now, so that lateness does not add up; unless a whole interval was missed.
  const planned = state.advertAtMs + config.advertIntervalMs;
  const onTime = nowMs >= state.advertAtMs && planned > nowMs;
  const advertAtMs = onTime ? planned : nowMs + config.advertIntervalMs;
  return {
    state: { ...state, advertAtMs },
    actions: [{ type: "send-advert", priority: config.priority }],
  };
}

export function fault(state: State, faults: readonly FaultCause[]): Result {
  return { state: { name: "FAULT", faults }, actions: [moved(state, "FAULT", "fault")] };
}

export function moved(from: State, to: StateName, cause: TransitionCause): Action {
  return { type: "transition", from: from.name, to, cause };
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
): State & { readonly name: "BACKUP" } {
  const masterDownAtMs = nowMs + downMs(config, masterIntervalMs);
  const name = "BACKUP";
  return {
    name,
    masterDownAtMs,
    masterIntervalMs,
    master,
    masterLeft: false,
    claim: null,
    preemptAtMs: null,
  };
}
