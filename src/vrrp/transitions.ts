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
import type { Action, State } from "./states.ts";

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

export function fault(state: State, faults: readonly FaultCause[]): Result {
  return { state: { name: "FAULT", faults }, actions: [moved(state, "FAULT", "fault")] };
}

export function moved(from: State, to: StateName, cause: TransitionCause): Action {
  return { type: "transition", from: from.name, to, cause };
}

export function stay(state: State): Result {
  return { state, actions: [] };
}
