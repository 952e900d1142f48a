// One tracked script: when to run it, and what its ends make of it. Pure; starts nothing itself.
// Every end that is not exit status 0 is a failure: a limit that passed, a script that cannot be started.
// keepalived differs: there a script that cannot be started counts as healthy.

import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { ScriptConfig } from "./model.ts";

export type Config = Pick<ScriptConfig, "intervalMs" | "timeoutMs" | "rise" | "fall" | "initFail">;

export type State = {
  readonly phase: Phase;
  readonly verdict: Verdict;
  /** 0 to rise + fall - 1; up from `rise` on. Means nothing while the verdict is "unknown". */
  readonly counter: number;
  /** Number of the latest run; 0 = none yet. */
  readonly serial: number;
  readonly last: LastRun | null;
};

export type Phase =
  | { readonly name: "idle" }
  | { readonly name: "waiting"; readonly runAtMs: number }
  | { readonly name: "running"; readonly startedMs: number; readonly giveUpMs: number };

/** "unknown" until the first run has ended. */
export type Verdict = "unknown" | "up" | "down";

export type RunResult = {
  readonly ok: boolean;
  /** "exit status 1", "ENOENT", "no end in 1000 ms" */
  readonly detail: string;
  readonly tookMs: number;
};

/** `atMs` is monotonic: when it ended. */
export type LastRun = RunResult & { readonly atMs: number };

export type Input =
  | { readonly type: "start"; readonly nowMs: number }
  | { readonly type: "timer"; readonly nowMs: number }
  | {
      readonly type: "ended";
      readonly nowMs: number;
      readonly serial: number;
      readonly result: RunResult;
    }
  | { readonly type: "stop" };

export type Action =
  /** Run the script, with its own limit of `timeoutMs`. */
  | { readonly type: "run"; readonly serial: number }
  /** Whatever this run still does is of no use. */
  | { readonly type: "abort"; readonly serial: number }
  | { readonly type: "verdict"; readonly up: boolean; readonly detail: string };

/** How long after its limit a run may still be on its way out: TERM, KILL and a margin. */
export const LOST_AFTER_MS = 5000;

export const initialState: State = {
  phase: { name: "idle" },
  verdict: "unknown",
  counter: 0,
  serial: 0,
  last: null,
};

export function step(config: Config, state: State, input: Input): Step<State, Action> {
  switch (input.type) {
    case "start":
      return start(config, state, input.nowMs);
    case "timer":
      return timer(config, state, input.nowMs);
    case "ended":
      if (input.serial !== state.serial || state.phase.name !== "running") return stay(state);
      return settle(config, state, state.phase.startedMs, input.nowMs, input.result);
    case "stop":
      return { state: { ...state, phase: { name: "idle" } }, actions: abortOf(state) };
    default:
      return unreachable(input);
  }
}

export function deadlineMs(state: State): number {
  const { phase } = state;
  switch (phase.name) {
    case "idle":
      return Infinity;
    case "waiting":
      return phase.runAtMs;
    case "running":
      return phase.giveUpMs;
    default:
      return unreachable(phase);
  }
}

function start(config: Config, state: State, nowMs: number): Step<State, Action> {
  const fresh: State = { ...initialState, serial: state.serial };
  const running = run(config, fresh, nowMs);
  const aborted = abortOf(state);
  if (!config.initFail) return { state: running.state, actions: [...aborted, ...running.actions] };
  const verdict: Action = { type: "verdict", up: false, detail: "init_fail: not run yet" };
  return {
    state: { ...running.state, verdict: "down" },
    actions: [...aborted, verdict, ...running.actions],
  };
}

function timer(config: Config, state: State, nowMs: number): Step<State, Action> {
  const { phase } = state;
  if (nowMs < deadlineMs(state)) return stay(state);
  switch (phase.name) {
    case "idle":
      return stay(state);
    case "waiting":
      return run(config, state, nowMs);
    case "running": {
      const detail = "killed, and still not ended";
      const lost = { ok: false, detail, tookMs: nowMs - phase.startedMs };
      const after = settle(config, state, phase.startedMs, nowMs, lost);
      return { state: after.state, actions: [...abortOf(state), ...after.actions] };
    }
    default:
      return unreachable(phase);
  }
}

function run(config: Config, state: State, nowMs: number): Step<State, Action> {
  const serial = state.serial + 1;
  const giveUpMs = nowMs + config.timeoutMs + LOST_AFTER_MS;
  return {
    state: { ...state, phase: { name: "running", startedMs: nowMs, giveUpMs }, serial },
    actions: [{ type: "run", serial }],
  };
}

function settle(
  config: Config,
  state: State,
  startedMs: number,
  nowMs: number,
  result: RunResult,
): Step<State, Action> {
  const counter = count(config, state, result.ok);
  const verdict = counter >= config.rise ? "up" : "down";
  const { detail } = result;
  return {
    state: {
      ...state,
      phase: { name: "waiting", runAtMs: nextRunMs(config, startedMs, nowMs) },
      verdict,
      counter,
      last: { ...result, atMs: nowMs },
    },
    actions: verdict === state.verdict ? [] : [{ type: "verdict", up: verdict === "up", detail }],
  };
}

function count({ rise, fall }: Config, state: State, ok: boolean): number {
  const counterMax = rise + fall - 1;
  if (state.verdict === "unknown") return ok ? counterMax : 0;
  const counter = state.counter + (ok ? 1 : -1);
  // In a row: an end that agrees with the verdict wipes out those that did not.
  if (ok) return counter >= rise ? counterMax : counter;
  return counter < rise ? 0 : counter;
}

/** A run that took too long skips its turns: the beat stays. */
function nextRunMs({ intervalMs }: Config, startedMs: number, nowMs: number): number {
  const turns = Math.max(1, Math.ceil((nowMs - startedMs) / intervalMs));
  return startedMs + turns * intervalMs;
}

function abortOf(state: State): Action[] {
  return state.phase.name === "running" ? [{ type: "abort", serial: state.serial }] : [];
}

function stay(state: State): Step<State, Action> {
  return { state, actions: [] };
}
