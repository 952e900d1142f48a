// Mails to one list of people, on their way: one at a time, in order, again after 1, 2, 4 … 60 s when the server does
// not take it, and lost, which is said, after too many attempts. A few go as they are; what comes in a crowd, too often
// or while the server takes none is gathered into one digest. Pure; sends nothing itself.

import { backoffMs, UP_TO_A_MINUTE } from "../lib/backoff.ts";
import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";
import { digestOf, type Mail } from "./digest.ts";

export type Config = {
  /** Wait for what belongs to the same event. */
  readonly gatherMs: number;
  /** More than these at once are one digest. */
  readonly singlesMax: number;
  /** So many mails in a row; after that one for every `refillMs`. */
  readonly burstMax: number;
  readonly refillMs: number;
  /** What waits is kept up to here, the newest; the rest is only counted. */
  readonly keptMax: number;
  readonly attemptsMax: number;
};

export type State = {
  /** The newest of those that wait. */
  readonly waiting: readonly Mail[];
  /** What all that wait are about, those that are not kept too. */
  readonly counts: ReadonlyMap<string, number>;
  /** Being sent, or tried again at `wakeAtMs`. */
  readonly mail: Mail | null;
  /** Of that one, that have failed. */
  readonly attempts: number;
  readonly wakeAtMs: number;
  /** Mails that may go, as of `allowedAtMs`. */
  readonly allowed: number;
  readonly allowedAtMs: number;
  /** The end is near: nothing is gathered any more. */
  readonly hurries: boolean;
  readonly sent: number;
  readonly lost: number;
};

export type Input =
  | { readonly type: "mail"; readonly nowMs: number; readonly mail: Mail }
  | { readonly type: "sent"; readonly nowMs: number }
  | { readonly type: "failed"; readonly nowMs: number; readonly reason: string }
  | { readonly type: "timer"; readonly nowMs: number }
  | { readonly type: "hurry"; readonly nowMs: number };

export type Action =
  /** Answered by "sent" or "failed". */
  | { readonly type: "send"; readonly mail: Mail }
  | {
      readonly type: "retry";
      readonly mail: Mail;
      readonly reason: string;
      readonly delayMs: number;
    }
  | { readonly type: "lose"; readonly mail: Mail; readonly reason: string };

export function initialState(config: Config, nowMs: number): State {
  return {
    waiting: [],
    counts: new Map(),
    mail: null,
    attempts: 0,
    wakeAtMs: Infinity,
    allowed: config.burstMax,
    allowedAtMs: nowMs,
    hurries: false,
    sent: 0,
    lost: 0,
  };
}

export function step(config: Config, state: State, input: Input): Step<State, Action> {
  const { nowMs } = input;
  switch (input.type) {
    case "mail":
      return rest(config, withMail(config, state, input.mail), nowMs);
    case "sent":
      return take(config, { ...state, mail: null, attempts: 0, sent: state.sent + 1 }, nowMs);
    case "failed":
      return failed(config, state, nowMs, input.reason);
    case "timer":
      return nowMs < state.wakeAtMs ? { state, actions: [] } : wake(config, state, nowMs);
    case "hurry":
      return wake(config, { ...state, hurries: true }, nowMs);
    default:
      return unreachable(input);
  }
}

export function deadlineMs(state: State): number {
  return state.wakeAtMs;
}

export function waitingCount({ counts, mail }: State): number {
  return [...counts.values()].reduce((sum, count) => sum + count, mail === null ? 0 : 1);
}

function withMail({ keptMax }: Config, state: State, mail: Mail): State {
  const counts = new Map(state.counts).set(mail.about, (state.counts.get(mail.about) ?? 0) + 1);
  return { ...state, waiting: [...state.waiting, mail].slice(-keptMax), counts };
}

/** Until what belongs together is there, and a mail may go. */
function rest(config: Config, state: State, nowMs: number): Step<State, Action> {
  if (state.mail !== null || state.wakeAtMs !== Infinity) return { state, actions: [] };
  if (state.hurries) return take(config, state, nowMs);
  return { state: { ...state, wakeAtMs: nowMs + config.gatherMs }, actions: [] };
}

function wake(config: Config, state: State, nowMs: number): Step<State, Action> {
  // With a mail and no alarm it is on its way just now.
  if (state.mail !== null && state.wakeAtMs === Infinity) return { state, actions: [] };
  const awake = { ...state, wakeAtMs: Infinity };
  const { mail } = awake;
  return mail === null
    ? take(config, awake, nowMs)
    : { state: awake, actions: [{ type: "send", mail }] };
}

function take(config: Config, before: State, nowMs: number): Step<State, Action> {
  const state = refilled(config, before, nowMs);
  const [first] = state.waiting;
  if (first === undefined) return { state, actions: [] };
  if (state.allowed < 1 && !state.hurries) {
    const wakeAtMs = nowMs + Math.ceil((1 - state.allowed) * config.refillMs);
    return { state: { ...state, wakeAtMs }, actions: [] };
  }
  const count = waitingCount(state);
  const isFew = count <= config.singlesMax && (count <= state.allowed || state.hurries);
  const mail = isFew ? first : digestOf(state.waiting, state.counts);
  const left = isFew ? withoutFirst(state, first) : { ...state, waiting: [], counts: new Map() };
  return {
    state: { ...left, mail, allowed: Math.max(0, state.allowed - 1) },
    actions: [{ type: "send", mail }],
  };
}

function withoutFirst(state: State, { about }: Mail): State {
  const counts = new Map(state.counts);
  const left = (counts.get(about) ?? 1) - 1;
  if (left === 0) counts.delete(about);
  else counts.set(about, left);
  return { ...state, waiting: state.waiting.slice(1), counts };
}

function refilled({ burstMax, refillMs }: Config, state: State, nowMs: number): State {
  const allowed = Math.min(burstMax, state.allowed + (nowMs - state.allowedAtMs) / refillMs);
  return { ...state, allowed, allowedAtMs: nowMs };
}

function failed(config: Config, state: State, nowMs: number, reason: string): Step<State, Action> {
  const { mail } = state;
  if (mail === null) return { state, actions: [] };
  const attempts = state.attempts + 1;
  if (attempts < config.attemptsMax) {
    const delayMs = backoffMs(UP_TO_A_MINUTE, attempts);
    return {
      state: { ...state, attempts, wakeAtMs: nowMs + delayMs },
      actions: [{ type: "retry", mail, reason, delayMs }],
    };
  }
  const after = take(config, { ...state, mail: null, attempts: 0, lost: state.lost + 1 }, nowMs);
  return { state: after.state, actions: [{ type: "lose", mail, reason }, ...after.actions] };
}
