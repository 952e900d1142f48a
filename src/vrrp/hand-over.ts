// A planned stop of a master. RFC 5798 §6.4.3 (685) says priority 0 and is gone: nobody answers for the addresses until
// a backup's Skew_Time is over. Beyond the RFC they stay on until the successor has spoken and had the time to put them on and
// to announce them, which comes after its first advert: no request is lost in between. We announce nothing meanwhile.
//
// A switchover is the same, but this node goes on as a BACKUP that preempts nobody. Backups are silent, so that nobody knows
// whether there is one until it takes over: where none does, this node goes on as MASTER, and nothing was ever off. Pure.

import { unreachable } from "../lib/unreachable.ts";
import {
  HAND_OVER_MAX_MS,
  type InstanceConfig,
  PRIORITY_RELEASE,
  type TransitionCause,
} from "./model.ts";
import { INITIAL, type Input, type Master, type State, type Switching } from "./states.ts";
import { skewMs } from "./timers.ts";
import { advertise, backupOf, leave, RELEASE, type Result, stay } from "./transitions.ts";

type MasterState = State & { readonly name: "MASTER" };

/** For what the network and the successor need beside its Skew_Time. */
const MARGIN_MS = 100;

/**
 * From a successor's first advert (both keepalived and we send it first) until clients have heard its announcements, which a
 * busy successor is some 40 ms late with (measured beside a load of 8 on two processors).
 */
export const LINGER_MS = 60;

/** With intervals of many seconds a successor that is not heard by then is not waited for: somebody waits for the answer. */
const SWITCH_OVER_MAX_MS = 20_000;

/** By then any backup has taken over that heard priority 0, the lowest one too. */
export function handOverMs({ version, advertIntervalMs }: InstanceConfig): number {
  return Math.min(skewMs({ version, priority: 1 }, advertIntervalMs) + MARGIN_MS, HAND_OVER_MAX_MS);
}

export function handOver(config: InstanceConfig, state: MasterState, nowMs: number): Result {
  const until = { ...state, handsOverUntilMs: nowMs + handOverMs(config) };
  return { state: until, actions: [...RELEASE, { type: "hush" }] };
}

/** For as long a switchover of these waits together: a group on the other side takes over with its slowest member. */
export function switchOverMs(configs: readonly InstanceConfig[]): number {
  const waits = configs.map(
    ({ version, advertIntervalMs }) =>
      skewMs({ version, priority: 1 }, advertIntervalMs) + MARGIN_MS,
  );
  return Math.min(Math.max(...waits), SWITCH_OVER_MAX_MS);
}

type SwitchOver = Input & { readonly type: "switch-over" };

/** The same on trial: whoever is there takes over, and where nobody is, the addresses have never been off. */
export function switchOver(state: MasterState, { untilMs, isForced }: SwitchOver): Result {
  const switching = { successor: null, isForced };
  const until = { ...state, handsOverUntilMs: untilMs, switching };
  return { state: until, actions: [...RELEASE, { type: "hush" }] };
}

/** A master that hands over: it says nothing any more, whatever it hears. */
export function handingOver(
  config: InstanceConfig,
  state: MasterState,
  untilMs: number,
  input: Input,
): Result {
  const { switching } = state;
  switch (input.type) {
    case "advert":
      return successorHeard(state, untilMs, input);
    case "timer":
      if (input.nowMs < untilMs) return stay(state);
      return switching === undefined
        ? gone(state)
        : switched(config, state, switching, input.nowMs);
    case "faults":
      if (input.faults.length === 0) return stay(state);
      if (switching === undefined) return gone(state);
      return leave(state, { name: "FAULT", faults: input.faults }, "fault", RELEASE);
    case "shutdown":
      return gone(state);
    case "step-down":
    case "step-aside":
      // Another member of the group has gone already: this one does not come back alone.
      return switching === undefined
        ? gone(state)
        : yieldTo(config, state, switching.successor, input.nowMs, "sync_group");
    case "hand-over": {
      const { switching: _switching, ...stopping } = state;
      return stay(stopping);
    }
    case "startup":
    case "promote":
    case "take-over":
    case "switch-over":
    case "sent":
    case "unsent":
      return stay(state);
    default:
      return unreachable(input);
  }
}

function gone(state: MasterState): Result {
  return leave(state, INITIAL, "shutdown", RELEASE);
}

function successorHeard(
  state: MasterState,
  untilMs: number,
  { priority, source: address, nowMs: heardMs }: Input & { readonly type: "advert" },
): Result {
  if (priority === PRIORITY_RELEASE) return stay(state);
  const { switching } = state;
  const next = { ...state, handsOverUntilMs: Math.min(untilMs, heardMs + LINGER_MS) };
  if (switching === undefined || switching.successor !== null) return stay(next);
  return stay({ ...next, switching: { ...switching, successor: { address, priority, heardMs } } });
}

/** The wait of a switchover is over. */
function switched(
  config: InstanceConfig,
  state: MasterState,
  { successor, isForced }: Switching,
  nowMs: number,
): Result {
  if (successor !== null || isForced) return yieldTo(config, state, successor, nowMs, "switchover");
  const { handsOverUntilMs: _until, switching: _switching, ...master } = state;
  const { state: next, actions } = predecessorLeft(config, master, nowMs);
  return { state: next, actions: [...actions, { type: "kept" }] };
}

function yieldTo(
  config: InstanceConfig,
  state: MasterState,
  successor: Master | null,
  nowMs: number,
  cause: TransitionCause,
): Result {
  const backup = backupOf(config, nowMs, config.advertIntervalMs, successor);
  return leave(state, { ...backup, yields: true }, cause, RELEASE, successor);
}

/** RFC 5798 §6.4.3 (705). Who handed over answered until now: clients that asked meanwhile have to hear of us again. */
export function predecessorLeft(config: InstanceConfig, state: MasterState, nowMs: number): Result {
  const { state: next, actions } = advertise(config, state, nowMs);
  return { state: next, actions: [...actions, { type: "announce", why: "lower-priority" }] };
}
