// One session of Bidirectional Forwarding Detection, RFC 5880, asynchronous mode, as one pure function. It owns no
// socket, clock or chance. Not here: echo, demand mode of our own, authentication.
//
// Reading list: RFC 5880 §6.8.1 (variables), §6.8.2-4 (timers), §6.8.6 (reception), §6.8.7 (transmission).

import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { BfdPacket, BfdState } from "../wire/bfd.ts";
import type { BfdConfig } from "./model.ts";

export type Config = Pick<BfdConfig, "minTxMs" | "minRxMs" | "idleTxMs" | "multiplier" | "passive">;

export type State = {
  readonly session: BfdState;
  readonly diagnostic: number;
  readonly discriminator: number;
  readonly remote: Remote;
  /** What we tell, and what we go by until the neighbour has confirmed what we tell (§6.8.3). */
  readonly told: Intervals;
  readonly used: Intervals;
  readonly polling: boolean;
  readonly sendAtMs: number;
  readonly detectAtMs: number;
};

export type Intervals = { readonly txMs: number; readonly rxMs: number };

export type Remote = {
  readonly state: BfdState;
  /** 0 = not known. */
  readonly discriminator: number;
  readonly minRxMs: number;
  readonly minTxMs: number;
  readonly multiplier: number;
  readonly demand: boolean;
};

/** `chance` is 0 to 1, new for every input: it spreads the packets (§6.8.7). */
export type Input =
  | {
      readonly type: "start";
      readonly nowMs: number;
      readonly chance: number;
      readonly discriminator: number;
    }
  | { readonly type: "timer"; readonly nowMs: number; readonly chance: number }
  | {
      readonly type: "packet";
      readonly nowMs: number;
      readonly chance: number;
      /** It was decoded, is of this session and came near enough. */
      readonly packet: BfdPacket;
    }
  /** The configuration is another one. */
  | { readonly type: "configured"; readonly nowMs: number; readonly chance: number }
  | { readonly type: "stop" };

export type Action =
  | { readonly type: "send"; readonly packet: BfdPacket }
  | {
      readonly type: "changed";
      readonly from: BfdState;
      readonly to: BfdState;
      readonly diagnostic: number;
    };

export const DETECTION_TIME_EXPIRED = 1;
const NEIGHBOR_SIGNALED_DOWN = 3;
const ADMINISTRATIVELY_DOWN = 7;
/** §6.8.1: bfd.RemoteMinRxInterval starts as one microsecond. */
const REMOTE_MIN_RX_FIRST_MS = 0.001;

const NOBODY: Remote = {
  state: "Down",
  discriminator: 0,
  minRxMs: REMOTE_MIN_RX_FIRST_MS,
  minTxMs: 0,
  multiplier: 0,
  demand: false,
};

export const INITIAL: State = {
  session: "AdminDown",
  diagnostic: 0,
  discriminator: 0,
  remote: NOBODY,
  told: { txMs: 0, rxMs: 0 },
  used: { txMs: 0, rxMs: 0 },
  polling: false,
  sendAtMs: Infinity,
  detectAtMs: Infinity,
};

export function step(config: Config, state: State, input: Input): Step<State, Action> {
  switch (input.type) {
    case "start": {
      const intervals = { txMs: config.idleTxMs, rxMs: config.minRxMs };
      const { discriminator } = input;
      const fresh: State = {
        ...INITIAL,
        session: "Down",
        discriminator,
        told: intervals,
        used: intervals,
      };
      return transmit(config, fresh, input, []);
    }
    case "timer":
      return timer(config, state, input);
    case "packet":
      return state.session === "AdminDown" ? stay(state) : receive(config, state, input);
    case "configured":
      if (state.session === "AdminDown") return stay(state);
      return transmit(config, withIntervals(config, state), input, []);
    case "stop":
      return stop(config, state);
    default:
      return unreachable(input);
  }
}

export function deadlineMs({ sendAtMs, detectAtMs }: State): number {
  return Math.min(sendAtMs, detectAtMs);
}

/** §6.8.4: how long the neighbour may be silent. */
export function detectionMs({ remote, used }: State): number {
  return remote.multiplier * Math.max(used.rxMs, remote.minTxMs);
}

type Moment = { readonly nowMs: number; readonly chance: number };

function timer(config: Config, state: State, input: Moment): Step<State, Action> {
  const { nowMs } = input;
  if (nowMs >= state.detectAtMs) {
    // §6.8.1: whoever was silent for so long is not the same any more.
    const forgotten: State = { ...state, remote: NOBODY, detectAtMs: Infinity, polling: false };
    if (state.session === "Down") return due(config, forgotten, input);
    return move(config, forgotten, "Down", DETECTION_TIME_EXPIRED, input, []);
  }
  return due(config, state, input);
}

function due(config: Config, state: State, input: Moment): Step<State, Action> {
  return input.nowMs < state.sendAtMs ? stay(state) : transmit(config, state, input, []);
}

// §6.8.6, from where the session is known.
function receive(
  config: Config,
  before: State,
  input: Input & { readonly type: "packet" },
): Step<State, Action> {
  const { packet, nowMs } = input;
  const confirmed = before.polling && packet.final;
  const heard: State = {
    ...before,
    remote: {
      state: packet.state,
      discriminator: packet.myDiscriminator,
      minRxMs: packet.requiredMinRxMs,
      minTxMs: packet.desiredMinTxMs,
      multiplier: packet.multiplier,
      demand: packet.demand,
    },
    polling: before.polling && !confirmed,
    used: confirmed ? before.told : before.used,
  };
  const state: State = { ...heard, detectAtMs: nowMs + detectionMs(heard) };
  // §6.8.7: a Poll is answered at once, whatever the timers say.
  const answers: Action[] = [];
  const next = nextSession(state.session, packet.state);
  if (next !== null) {
    const why = next === "Down" ? NEIGHBOR_SIGNALED_DOWN : 0;
    return move(config, state, next, why, input, answers, packet.poll);
  }
  if (packet.poll) answers.push({ type: "send", packet: packetOf(config, state, "final") });
  const intervalMs = sendIntervalMs(config, state, input.chance);
  const sendAtMs = Math.min(state.sendAtMs, nowMs + intervalMs);
  return {
    state: { ...state, sendAtMs: intervalMs === Infinity ? Infinity : sendAtMs },
    actions: answers,
  };
}

/** null = it stays. */
function nextSession(session: BfdState, remote: BfdState): BfdState | null {
  if (remote === "AdminDown") return session === "Down" ? null : "Down";
  switch (session) {
    case "AdminDown":
      return null;
    case "Down":
      return remote === "Down" ? "Init" : remote === "Init" ? "Up" : null;
    case "Init":
      return remote === "Init" || remote === "Up" ? "Up" : null;
    case "Up":
      return remote === "Down" ? "Down" : null;
    default:
      return unreachable(session);
  }
}

/** Another session state: what we tell changes with it, so the neighbour hears of it at once. */
function move(
  config: Config,
  before: State,
  to: BfdState,
  diagnostic: number,
  input: Moment,
  actions: readonly Action[],
  polled = false,
): Step<State, Action> {
  const state = withIntervals(config, {
    ...before,
    session: to,
    // §6.8.6 and §6.8.4 set it on the way down only: up again, it still says why it was down.
    diagnostic: to === "Down" ? diagnostic : before.diagnostic,
  });
  const changed: Action = { type: "changed", from: before.session, to, diagnostic };
  return transmit(config, state, input, [...actions, changed], polled);
}

// §6.8.3: at least a second while not up; a slower pace of a session that is up holds once it is confirmed.
function withIntervals(config: Config, state: State): State {
  const up = state.session === "Up";
  const told = { txMs: up ? config.minTxMs : config.idleTxMs, rxMs: config.minRxMs };
  if (told.txMs === state.told.txMs && told.rxMs === state.told.rxMs) return state;
  if (!up) return { ...state, told, used: told, polling: false };
  const used = {
    txMs: Math.min(told.txMs, state.used.txMs),
    rxMs: Math.max(told.rxMs, state.used.rxMs),
  };
  return { ...state, told, used, polling: true };
}

function transmit(
  config: Config,
  state: State,
  { nowMs, chance }: Moment,
  before: readonly Action[],
  polled = false,
): Step<State, Action> {
  const intervalMs = sendIntervalMs(config, state, chance);
  const sends: Action[] = [];
  if (polled) sends.push({ type: "send", packet: packetOf(config, state, "final") });
  else if (intervalMs !== Infinity) {
    const flag = state.polling ? "poll" : "none";
    sends.push({ type: "send", packet: packetOf(config, state, flag) });
  }
  return { state: { ...state, sendAtMs: nowMs + intervalMs }, actions: [...before, ...sends] };
}

/** §6.8.7; Infinity = nothing is sent by the clock. */
function sendIntervalMs(config: Config, state: State, chance: number): number {
  const { remote } = state;
  if (config.passive && remote.discriminator === 0) return Infinity;
  if (remote.minRxMs === 0) return Infinity;
  const bothUp = state.session === "Up" && remote.state === "Up";
  if (remote.demand && bothUp && !state.polling) return Infinity;
  const intervalMs = Math.max(state.used.txMs, remote.minRxMs);
  // A quarter less at most; and with a multiplier of 1 never the whole of it.
  return intervalMs * (config.multiplier === 1 ? 0.75 + 0.15 * chance : 0.75 + 0.25 * chance);
}

function stop(config: Config, state: State): Step<State, Action> {
  if (state.session === "AdminDown") return stay(state);
  const stopped: State = {
    ...state,
    session: "AdminDown",
    diagnostic: ADMINISTRATIVELY_DOWN,
    polling: false,
    sendAtMs: Infinity,
    detectAtMs: Infinity,
  };
  const silent = config.passive && state.remote.discriminator === 0;
  return {
    state: stopped,
    actions: silent ? [] : [{ type: "send", packet: packetOf(config, stopped, "none") }],
  };
}

function packetOf(config: Config, state: State, flag: "poll" | "final" | "none"): BfdPacket {
  return {
    diagnostic: state.diagnostic,
    state: state.session,
    poll: flag === "poll",
    final: flag === "final",
    demand: false,
    multiplier: config.multiplier,
    myDiscriminator: state.discriminator,
    yourDiscriminator: state.remote.discriminator,
    desiredMinTxMs: state.told.txMs,
    requiredMinRxMs: state.told.rxMs,
    requiredMinEchoRxMs: 0,
  };
}

function stay(state: State): Step<State, Action> {
  return { state, actions: [] };
}
