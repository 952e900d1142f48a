// A planned stop of a master. RFC 5798 §6.4.3 (685) says priority 0 and is gone: nobody answers for the addresses until
// a backup's Skew_Time is over. Beyond the RFC they stay on until the successor has spoken and had the time to put them on and
// to announce them, which comes after its first advert: no request is lost in between. We announce nothing meanwhile. Pure.

import { unreachable } from "../lib/unreachable.ts";
import { HAND_OVER_MAX_MS, type InstanceConfig, PRIORITY_RELEASE } from "./model.ts";
import { INITIAL, type Input, type State } from "./states.ts";
import { skewMs } from "./timers.ts";
import { advertise, leave, RELEASE, type Result, stay } from "./transitions.ts";

type MasterState = State & { readonly name: "MASTER" };

/** For what the network and the successor need beside its Skew_Time. */
const MARGIN_MS = 100;

/**
 * From a successor's first advert (both keepalived and we send it first) until clients have heard its announcements, which a
 * busy successor is some 40 ms late with (measured beside a load of 8 on two processors).
 */
export const LINGER_MS = 60;

/** By then any backup has taken over that heard priority 0, the lowest one too. */
export function handOverMs({ version, advertIntervalMs }: InstanceConfig): number {
  return Math.min(skewMs({ version, priority: 1 }, advertIntervalMs) + MARGIN_MS, HAND_OVER_MAX_MS);
}

export function handOver(config: InstanceConfig, state: MasterState, nowMs: number): Result {
  const until = { ...state, handsOverUntilMs: nowMs + handOverMs(config) };
  return { state: until, actions: [...RELEASE, { type: "hush" }] };
}

/** A master that hands over: it says nothing any more, whatever it hears. */
export function handingOver(state: MasterState, untilMs: number, input: Input): Result {
  const gone = (): Result => leave(state, INITIAL, "shutdown", RELEASE);
  switch (input.type) {
    case "advert": {
      if (input.priority === PRIORITY_RELEASE) return stay(state);
      const next = { ...state, handsOverUntilMs: Math.min(untilMs, input.nowMs + LINGER_MS) };
      return { state: next, actions: [] };
    }
    case "timer":
      return input.nowMs < untilMs ? stay(state) : gone();
    case "faults":
      return input.faults.length === 0 ? stay(state) : gone();
    case "shutdown":
    case "step-down":
    case "step-aside":
      return gone();
    case "startup":
    case "promote":
    case "take-over":
    case "hand-over":
    case "sent":
    case "unsent":
      return stay(state);
    default:
      return unreachable(input);
  }
}

/** RFC 5798 §6.4.3 (705). Who handed over answered until now: clients that asked meanwhile have to hear of us again. */
export function predecessorLeft(config: InstanceConfig, state: MasterState, nowMs: number): Result {
  const { state: next, actions } = advertise(config, state, nowMs);
  return { state: next, actions: [...actions, { type: "announce", why: "lower-priority" }] };
}
