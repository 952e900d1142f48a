// Mails on their way: one at a time, in order, again after 1, 2, 4 … 60 s when the server does not take it, and
// lost, which is said, after too many attempts or when too many wait. Pure; sends nothing itself.

import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";

export type Mail = { readonly subject: string; readonly text: string };

export type Config = { readonly mailsMax: number; readonly attemptsMax: number };

export type State = {
  /** The first one is being sent, or is tried again at `retryAtMs`. */
  readonly mails: readonly Mail[];
  readonly retryAtMs: number;
  /** Of the first one, that have failed. */
  readonly attempts: number;
  readonly sent: number;
  readonly lost: number;
};

export type Input =
  | { readonly type: "mail"; readonly nowMs: number; readonly mail: Mail }
  | { readonly type: "sent"; readonly nowMs: number }
  | { readonly type: "failed"; readonly nowMs: number; readonly reason: string }
  | { readonly type: "timer"; readonly nowMs: number };

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

const DELAY_MAX_MS = 60_000;

export const initialState: State = {
  mails: [],
  retryAtMs: Infinity,
  attempts: 0,
  sent: 0,
  lost: 0,
};

export function step(config: Config, state: State, input: Input): Step<State, Action> {
  switch (input.type) {
    case "mail":
      return add(config, state, input.mail);
    case "sent":
      return next({ ...withoutFirst(state), sent: state.sent + 1 });
    case "failed":
      return failed(config, state, input.nowMs, input.reason);
    case "timer":
      if (input.nowMs < state.retryAtMs) return { state, actions: [] };
      return next({ ...state, retryAtMs: Infinity });
    default:
      return unreachable(input);
  }
}

export function deadlineMs(state: State): number {
  return state.retryAtMs;
}

/** Before the second attempt 1 s. */
export function retryDelayMs(attempts: number): number {
  return Math.min(1000 * 2 ** (attempts - 1), DELAY_MAX_MS);
}

function add({ mailsMax }: Config, state: State, mail: Mail): Step<State, Action> {
  const mails = [...state.mails, mail];
  if (mails.length === 1) return next({ ...state, mails });
  if (mails.length <= mailsMax) return { state: { ...state, mails }, actions: [] };
  // The oldest that is not on its way: the newest says most.
  const [gone] = mails.splice(1, 1);
  const reason = `${mailsMax} mails wait already`;
  const actions: Action[] = gone === undefined ? [] : [{ type: "lose", mail: gone, reason }];
  return { state: { ...state, mails, lost: state.lost + 1 }, actions };
}

function failed(config: Config, state: State, nowMs: number, reason: string): Step<State, Action> {
  const [mail] = state.mails;
  if (mail === undefined) return { state, actions: [] };
  const attempts = state.attempts + 1;
  if (attempts < config.attemptsMax) {
    const delayMs = retryDelayMs(attempts);
    const retryAtMs = nowMs + delayMs;
    return {
      state: { ...state, attempts, retryAtMs },
      actions: [{ type: "retry", mail, reason, delayMs }],
    };
  }
  const after = next({ ...withoutFirst(state), lost: state.lost + 1 });
  return { state: after.state, actions: [{ type: "lose", mail, reason }, ...after.actions] };
}

function withoutFirst(state: State): State {
  return { ...state, mails: state.mails.slice(1), attempts: 0 };
}

function next(state: State): Step<State, Action> {
  const [mail] = state.mails;
  return { state, actions: mail === undefined ? [] : [{ type: "send", mail }] };
}
