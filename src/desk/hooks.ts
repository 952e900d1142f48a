// The hooks of one instance or sync group: which script runs when. Pure; starts nothing itself.
// One at a time and in order: notify_master|backup|fault|stop first, then notify. States that come
// meanwhile wait as one: only the latest is run, the ones it replaced are counted. A lower master that was
// heard is no state: it waits only when nothing else does.
// keepalived differs: it starts all scripts at once, in no order, with no limit.

import type { Identity } from "../lib/accounts.ts";
import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { HookName, HookState, HooksConfig, Subject } from "./model.ts";

export type Config = {
  readonly subject: Subject;
  /** How long one run may take. */
  readonly timeoutMs: number;
};

export type State = {
  readonly running: Run | null;
  /** Hooks of the running state that come after `running`. */
  readonly rest: readonly Hook[];
  /** The latest state whose hooks have not begun. */
  readonly waiting: Transition | null;
  readonly skipped: number;
  /** Number of the latest run; 0 = none yet. */
  readonly serial: number;
  /** The latest report of each hook. */
  readonly reports: readonly Report[];
  readonly closed: boolean;
};

export type Transition = {
  readonly state: HookState;
  readonly priority: number;
  /** As configured at that moment. */
  readonly hooks: HooksConfig;
};

export type Hook = {
  readonly name: HookName;
  readonly state: HookState;
  readonly command: string;
  readonly extraArguments: readonly string[];
  readonly identity: Identity | null;
};

/** `giveUpMs`: until it is started, after others, there is no limit. */
export type Run = { readonly hook: Hook; readonly giveUpMs: number };

export type Outcome = {
  readonly ok: boolean;
  /** "exit_status" and the like; null = success. */
  readonly cause: string | null;
  readonly detail: string;
  readonly output: string;
  readonly tookMs: number;
};

export type Report = Outcome & {
  readonly hook: HookName;
  readonly state: HookState;
  /** Monotonic: when it ended. */
  readonly atMs: number;
};

export type Input =
  | { readonly type: "transition"; readonly transition: Transition }
  /** The run that was asked for has begun. */
  | { readonly type: "started"; readonly nowMs: number; readonly serial: number }
  | {
      readonly type: "ended";
      readonly nowMs: number;
      readonly serial: number;
      readonly outcome: Outcome;
    }
  | { readonly type: "timer"; readonly nowMs: number }
  /** Begin nothing more. */
  | { readonly type: "close" };

export type Action =
  | {
      readonly type: "run";
      readonly serial: number;
      readonly hook: Hook;
      readonly timeoutMs: number;
    }
  | { readonly type: "report"; readonly report: Report }
  | { readonly type: "skip"; readonly state: HookState };

/** How long after its limit a run may still be on its way out: TERM, KILL and a margin. */
export const LOST_AFTER_MS = 10_000;

export const initialState: State = {
  running: null,
  rest: [],
  waiting: null,
  skipped: 0,
  serial: 0,
  reports: [],
  closed: false,
};

export function step(config: Config, state: State, input: Input): Step<State, Action> {
  switch (input.type) {
    case "transition":
      return transition(config, state, input.transition);
    case "started":
      return started(config, state, input.nowMs, input.serial);
    case "ended":
      if (state.running === null || input.serial !== state.serial) return { state, actions: [] };
      return ended(config, state, state.running, input.nowMs, input.outcome);
    case "timer":
      return timer(config, state, input.nowMs);
    case "close":
      return close(state);
    default:
      return unreachable(input);
  }
}

export function deadlineMs(state: State): number {
  return state.running?.giveUpMs ?? Infinity;
}

export function isIdle(state: State): boolean {
  return state.running === null;
}

/** What a state means in scripts, in their order. */
export function hooksOf(subject: Subject, { state, priority, hooks }: Transition): Hook[] {
  const [name, own] = ownHook(hooks, state);
  const identity = hooks.scriptUser;
  const list: Hook[] = [];
  if (own !== null) list.push({ name, state, command: own, extraArguments: [], identity });
  if (hooks.notify !== null && isState(state)) {
    const extraArguments = [subject.kind, subject.name, state, String(priority)];
    list.push({ name: "notify", state, command: hooks.notify, extraArguments, identity });
  }
  return list;
}

function isState(state: HookState): boolean {
  return state !== "MASTER_RX_LOWER_PRI";
}

function transition(config: Config, state: State, next: Transition): Step<State, Action> {
  if (state.closed) return skip(state, next);
  if (state.running === null) return begin(config, state, hooksOf(config.subject, next));
  if (state.waiting !== null && !isState(next.state)) return skip(state, next);
  const before = state.waiting === null ? { state, actions: [] } : skip(state, state.waiting);
  return { state: { ...before.state, waiting: next }, actions: before.actions };
}

function ended(
  config: Config,
  state: State,
  { hook }: Run,
  nowMs: number,
  outcome: Outcome,
): Step<State, Action> {
  const report: Report = { ...outcome, hook: hook.name, state: hook.state, atMs: nowMs };
  const others = state.reports.filter((old) => old.hook !== hook.name);
  const free: State = { ...state, running: null, reports: [...others, report] };
  const next = goOn(config, free);
  return { state: next.state, actions: [{ type: "report", report }, ...next.actions] };
}

function goOn(config: Config, state: State): Step<State, Action> {
  if (state.rest.length > 0) return begin(config, state, state.rest);
  if (state.waiting === null) return { state, actions: [] };
  const hooks = hooksOf(config.subject, state.waiting);
  return begin(config, { ...state, waiting: null }, hooks);
}

function begin(config: Config, state: State, hooks: readonly Hook[]): Step<State, Action> {
  const [hook, ...rest] = hooks;
  if (hook === undefined) return { state: { ...state, rest: [] }, actions: [] };
  const serial = state.serial + 1;
  const { timeoutMs } = config;
  const running: Run = { hook, giveUpMs: Infinity };
  return {
    state: { ...state, running, rest, serial },
    actions: [{ type: "run", serial, hook, timeoutMs }],
  };
}

function started(config: Config, state: State, nowMs: number, serial: number): Step<State, Action> {
  const { running } = state;
  if (running === null || serial !== state.serial) return { state, actions: [] };
  const giveUpMs = nowMs + config.timeoutMs + LOST_AFTER_MS;
  return { state: { ...state, running: { ...running, giveUpMs } }, actions: [] };
}

function timer(config: Config, state: State, nowMs: number): Step<State, Action> {
  const { running } = state;
  if (running === null || nowMs < running.giveUpMs) return { state, actions: [] };
  const tookMs = config.timeoutMs + LOST_AFTER_MS;
  const detail = "killed, and still not ended";
  const outcome: Outcome = { ok: false, cause: "timeout", detail, output: "", tookMs };
  return ended(config, state, running, nowMs, outcome);
}

function close(state: State): Step<State, Action> {
  const closed: State = { ...state, closed: true, rest: [], waiting: null };
  return state.waiting === null ? { state: closed, actions: [] } : skip(closed, state.waiting);
}

function skip(state: State, skipped: Transition): Step<State, Action> {
  return {
    state: { ...state, skipped: state.skipped + 1 },
    actions: [{ type: "skip", state: skipped.state }],
  };
}

function ownHook(hooks: HooksConfig, state: HookState): [HookName, string | null] {
  switch (state) {
    case "MASTER":
      return ["notify_master", hooks.notifyMaster];
    case "BACKUP":
      return ["notify_backup", hooks.notifyBackup];
    case "FAULT":
      return ["notify_fault", hooks.notifyFault];
    case "STOP":
      return ["notify_stop", hooks.notifyStop];
    case "DELETED":
      return ["notify_deleted", hooks.notifyDeleted];
    case "MASTER_RX_LOWER_PRI":
      return ["notify_master_rx_lower_pri", hooks.notifyMasterRxLowerPri];
    case "QUORUM_UP":
      return ["quorum_up", hooks.quorumUp ?? null];
    case "QUORUM_DOWN":
      return ["quorum_down", hooks.quorumDown ?? null];
    case "SERVER_UP":
      return ["notify_up", hooks.notifyUp ?? null];
    case "SERVER_DOWN":
      return ["notify_down", hooks.notifyDown ?? null];
    default:
      return unreachable(state);
  }
}
