// The VRRP state machine of RFC 5798 §6.4 as one pure function, with keepalived's FAULT state. It owns no
// socket and no clock: the caller says what happened and when, and carries out the actions in order.
//
// Reading list: RFC 5798 §6.1-6.4 and §8.3 (preemption); RFC 3768 §6.4 for version 2's skew.

import { unreachable } from "../lib/unreachable.ts";
import { answering } from "./answers.ts";
import { handingOver, handOver, predecessorLeft, switchOver } from "./hand-over.ts";
import { type InstanceConfig, PRIORITY_OWNER, PRIORITY_RELEASE } from "./model.ts";
import { isUnheard, knock, masterMay, trySpeaking } from "./mute.ts";
import { awaitLower, follow } from "./preemption.ts";
import { outstays, rivalHeard } from "./rival.ts";
import { type Action, INITIAL, type Input, type State } from "./states.ts";
import { hasOverslept, isStalled, listenMs, skewMs } from "./timers.ts";
import {
  advertise,
  backupOf,
  becomeMaster,
  downMs,
  farewell,
  fault,
  leave,
  livingLower,
  lowerHeard,
  moved,
  RELEASE,
  type Result,
  stay,
  takeOver,
  timerCause,
} from "./transitions.ts";

type Backup = State & { readonly name: "BACKUP" };
type MasterState = State & { readonly name: "MASTER" };
/** How often that may be is up to whoever carries it out. */
const ANNOUNCE: Action = { type: "announce", why: "lower-priority" };
const CONCEDE: Action = { type: "concede" };

type AdvertInput = Input & { readonly type: "advert" };

/** When the caller has to come back with a "timer" input, if nothing else happens first. */
export function deadlineMs(state: State): number {
  switch (state.name) {
    case "INIT":
    case "FAULT":
      return Infinity;
    case "BACKUP":
      return state.claim === null ? state.masterDownAtMs : Infinity;
    case "MASTER":
      return state.handsOverUntilMs ?? state.advertAtMs;
    default:
      return unreachable(state);
  }
}

/** `config.priority` is the effective priority of the moment. */
export function step(config: InstanceConfig, state: State, input: Input): Result {
  switch (state.name) {
    case "INIT":
      return stepInit(config, state, input);
    case "FAULT":
      return stepFault(config, state, input);
    case "BACKUP":
      return stepBackup(config, state, input);
    case "MASTER":
      return stepMaster(config, state, input);
    default:
      return unreachable(state);
  }
}

// RFC 5798 §6.4.1
function stepInit(config: InstanceConfig, state: State, input: Input): Result {
  if (input.type !== "startup") return stay(state);
  if (input.faults.length > 0) return fault(state, input.faults);
  return enter(config, state, input.nowMs, "startup");
}

// keepalived's FAULT: as Initialize, left by itself when nothing is wrong any more.
function stepFault(config: InstanceConfig, state: State, input: Input): Result {
  switch (input.type) {
    case "faults":
      if (input.faults.length > 0)
        return { state: { name: "FAULT", faults: input.faults }, actions: [] };
      return enter(config, state, input.nowMs, "fault_cleared");
    case "shutdown":
      return { state: INITIAL, actions: [moved(state, "INIT", "shutdown")] };
    case "startup":
    case "timer":
    case "promote":
    case "advert":
    case "hand-over":
    case "switch-over":
    case "take-over":
    case "step-down":
    case "step-aside":
    case "sent":
    case "unsent":
      return stay(state);
    default:
      return unreachable(input);
  }
}

// RFC 5798 §6.4.2
function stepBackup(config: InstanceConfig, state: Backup, input: Input): Result {
  switch (input.type) {
    case "startup":
      return stay(state);
    case "faults":
      return input.faults.length === 0 ? stay(state) : fault(state, input.faults);
    case "shutdown":
      return { state: INITIAL, actions: [moved(state, "INIT", "shutdown")] };
    case "timer":
      if (input.nowMs < state.masterDownAtMs || state.claim !== null) return stay(state);
      if (hasOverslept(state, input.nowMs)) return listenOnce(config, state, input.nowMs);
      if (state.mute && livingLower(config, state, input.nowMs) !== null)
        return knock(config, state, input.nowMs);
      return (
        awaitLower(config, state, input.nowMs) ??
        takeOver(config, state, input.nowMs, timerCause(config, state, input.nowMs))
      );
    case "take-over":
      if (state.claim === null) return stay(state);
      return becomeMaster(config, state, input.nowMs, state.claim);
    case "hand-over":
    case "switch-over":
    case "step-down":
    case "step-aside":
      return stay(state);
    case "promote":
      // Beyond the RFC: it is about the master we know of, or it means nothing to this election.
      if (state.master?.address !== input.address) return stay(state);
      return takeOver(config, state, input.nowMs, "bfd_session_down");
    case "unsent":
      return { state: { ...state, mute: true }, actions: [] };
    case "sent": {
      const { mute, ...speaking } = state;
      return mute
        ? takeOver(config, speaking, input.nowMs, timerCause(config, state, input.nowMs))
        : stay(state);
    }
    case "advert":
      return backupHears(config, state, input);
    default:
      return unreachable(input);
  }
}

/** Once: who is always late would never serve, even when there is nobody else. */
function listenOnce(config: InstanceConfig, state: Backup, nowMs: number): Result {
  const { masterIntervalMs } = state;
  const masterDownAtMs = nowMs + masterIntervalMs + skewMs(config, masterIntervalMs);
  return { state: { ...state, masterDownAtMs, overslept: true }, actions: [] };
}

function backupHears(config: InstanceConfig, state: Backup, input: AdvertInput): Result {
  const { nowMs, priority, advertIntervalMs, source } = input;
  if (priority === PRIORITY_RELEASE) {
    // (430): the master leaves; wait Skew_Time only. Beyond the RFC never longer than without its word: who is about
    // to preempt it would come last, after all the others.
    const skewed = nowMs + skewMs(config, state.masterIntervalMs);
    const masterDownAtMs = Math.min(state.masterDownAtMs, skewed);
    const isMaster = state.master?.address === source;
    const master = isMaster ? { ...state.master, heardMs: nowMs } : state.master;
    return { state: { ...state, master, masterDownAtMs, masterLeft: true }, actions: [] };
  }
  if (state.aside && !outranks(config, input)) return stay(state);
  const lower = config.preempt && !state.yields && priority < config.priority;
  const { preemptDelayMs } = config.policy;
  const preemptAtMs = lower ? (state.preemptAtMs ?? nowMs + preemptDelayMs) : null;
  const known = lower ? lowerHeard(state, input) : null;
  // (445): a lower master does not start the timer anew, which ends its time; with preempt_delay not yet.
  if (preemptAtMs !== null && nowMs >= preemptAtMs) {
    return { state: { ...follow(config, state, input), lower: known }, actions: [] };
  }
  // (450): version 3 learns the master's interval.
  return {
    state: {
      name: "BACKUP",
      masterIntervalMs: advertIntervalMs,
      masterDownAtMs: nowMs + downMs(config, advertIntervalMs),
      master: { address: source, priority, heardMs: nowMs },
      lower: known,
      masterLeft: false,
      claim: null,
      preemptAtMs,
      ...(state.mute ? { mute: true } : {}),
      ...(state.yields ? { yields: true } : {}),
    },
    actions: state.young === true && config.syncGroup !== null ? [CONCEDE] : [],
  };
}

// RFC 5798 §6.4.3
function stepMaster(config: InstanceConfig, state: MasterState, input: Input): Result {
  const { handsOverUntilMs } = state;
  if (handsOverUntilMs !== undefined) return handingOver(config, state, handsOverUntilMs, input);
  if (isStalled(config, state.advertAtMs, input.nowMs)) return stalled(config, state, input);
  switch (input.type) {
    case "startup":
    case "promote":
      return stay(state);
    case "faults":
      if (input.faults.length === 0) return stay(state);
      return leave(state, { name: "FAULT", faults: input.faults }, "fault", RELEASE);
    case "shutdown":
      return leave(state, INITIAL, "shutdown", RELEASE);
    case "hand-over":
      return handOver(config, state, input.nowMs);
    case "switch-over":
      return switchOver(state, input);
    case "take-over":
      return stay(state);
    case "step-down":
    case "step-aside": {
      const { advertIntervalMs } = config;
      const backup = backupOf(config, input.nowMs, advertIntervalMs, null);
      if (input.type === "step-down") return leave(state, backup, "sync_group", RELEASE);
      const masterDownAtMs = input.nowMs + skewMs(config, advertIntervalMs);
      return leave(state, { ...backup, masterDownAtMs, aside: true }, "sync_group", RELEASE);
    }
    case "sent":
    case "unsent":
      return masterMay(config, state, input);
    case "timer":
      return input.nowMs < state.advertAtMs ? stay(state) : advertise(config, state, input.nowMs);
    case "advert":
      return masterHears(config, state, input);
    default:
      return unreachable(input);
  }
}

/** Beyond the RFC, as keepalived's timer_expired_backup: lets go without a word, and only then hears what there is. */
function stalled(config: InstanceConfig, state: MasterState, input: Input): Result {
  const { nowMs } = input;
  const silent = backupOf(config, nowMs, config.advertIntervalMs, null);
  const masterDownAtMs = nowMs + listenMs(config);
  const backup = { ...silent, masterDownAtMs, overslept: true } as const;
  const left = leave(state, backup, "stalled", []);
  const after = stepBackup(config, backup, input);
  return { state: after.state, actions: [...left.actions, ...after.actions] };
}

function masterHears(config: InstanceConfig, state: MasterState, input: AdvertInput): Result {
  const { nowMs, priority, source, advertIntervalMs } = input;
  const answered = answering(state.answered ?? [], source, nowMs);
  if (priority === PRIORITY_RELEASE) {
    return answered === undefined
      ? { state, actions: [ANNOUNCE] }
      : predecessorLeft(config, { ...state, answered }, nowMs);
  }
  const rival = rivalHeard(config, state.rival ?? null, input);
  const winner = { address: source, priority, heardMs: nowMs };
  if (rival !== null && outstays(config, rival, input)) {
    const backup = backupOf(config, nowMs, advertIntervalMs, winner);
    return leave(state, backup, "second_owner", farewell(config, advertIntervalMs), winner);
  }
  if (outranks(config, input)) {
    // (725): back to Backup. Beyond the RFC our own advert goes out once more, after the addresses are gone:
    // the winner of a healed split would not know otherwise that it has to announce itself again.
    const backup = backupOf(config, nowMs, advertIntervalMs, winner);
    const higher = priority > config.priority;
    const cause = higher ? "higher_priority_advert" : "equal_priority_higher_address";
    return leave(state, backup, cause, farewell(config, advertIntervalMs), winner);
  }
  if (isUnheard(config, state, nowMs)) {
    return trySpeaking(config, state, winner, nowMs);
  }
  // (775) says discard; RFC 9568 and keepalived answer at once, so that the loser of a split goes soon.
  const here = rival === null ? state : { ...state, rival };
  if (!config.policy.answersLower || answered === undefined)
    return { state: here, actions: [ANNOUNCE] };
  const { state: next, actions } = advertise(config, { ...here, answered }, nowMs);
  return { state: next, actions: [...actions, ANNOUNCE] };
}

// RFC 5798 §6.4.3 (725)
function outranks({ priority }: InstanceConfig, other: AdvertInput): boolean {
  return other.priority > priority || (other.priority === priority && other.sourceIsGreater);
}

function enter(
  config: InstanceConfig,
  state: State,
  nowMs: number,
  cause: "startup" | "fault_cleared",
): Result {
  const isOwner = config.priority === PRIORITY_OWNER && config.standsBy !== true;
  const asOwner = cause === "startup" ? "startup_as_owner" : cause;
  // (105): the owner of the addresses does not wait; in a sync group for the others only.
  if (isOwner && config.syncGroup === null) return becomeMaster(config, state, nowMs, asOwner);
  const fresh = backupOf(config, nowMs, config.advertIntervalMs, null);
  const backup: Backup = cause === "startup" ? { ...fresh, young: true } : fresh;
  const entered = moved(state, "BACKUP", cause);
  if (!isOwner) return { state: backup, actions: [entered] };
  const claimed = takeOver(config, backup, nowMs, asOwner);
  return { state: claimed.state, actions: [entered, ...claimed.actions] };
}
