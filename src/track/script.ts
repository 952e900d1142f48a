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
  /** So many runs in a row were done again, because a pause of ours may have made them fail. */
  readonly repeats: number;
  readonly last: LastRun | null;
};

export type Phase =
  | { readonly name: "idle" }
  | { readonly name: "waiting"; readonly runAtMs: number }
  /** `startedMs`: when its turn was. Until it is started, after others, there is no limit. */
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
  | ({ readonly type: "timer"; readonly nowMs: number } & Paused)
  /** The run that was asked for has begun. */
  | { readonly type: "started"; readonly nowMs: number; readonly serial: number }
  | ({
      readonly type: "ended";
      readonly nowMs: number;
      readonly serial: number;
      readonly result: RunResult;
    } & Paused)
  | { readonly type: "stop" };

/** When this process went on after it had stood still; left out = it never did. */
type Paused = { readonly pausedMs?: number };

export type Action =
  /** Run the script, with its own limit of `timeoutMs`. */
  | { readonly type: "run"; readonly serial: number }
  /** Whatever this run still does is of no use. */
  | { readonly type: "abort"; readonly serial: number }
  | { readonly type: "verdict"; readonly up: boolean; readonly detail: string };

/** How long after its limit a run may still be on its way out: TERM, KILL and a margin. */
export const LOST_AFTER_MS = 5000;

/** Of a director that stands still again and again a failure counts in the end. */
const REPEATS_MAX = 2;

export const initialState: State = {
  phase: { name: "idle" },
  verdict: "unknown",
  counter: 0,
  serial: 0,
  repeats: 0,
  last: null,
};

export function step(config: Config, state: State, input: Input): Step<State, Action> {
  switch (input.type) {
    case "start":
      return start(config, state, input.nowMs);
    case "timer":
      return timer(config, state, input.nowMs, input.pausedMs);
    case "started":
      return started(config, state, input.nowMs, input.serial);
    case "ended":
      return ended(config, state, input);
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
  const running = run(fresh, nowMs);
  const aborted = abortOf(state);
  if (!config.initFail) return { state: running.state, actions: [...aborted, ...running.actions] };
  const verdict: Action = { type: "verdict", up: false, detail: "init_fail: not run yet" };
  return {
    state: { ...running.state, verdict: "down" },
    actions: [...aborted, verdict, ...running.actions],
  };
}

function started(config: Config, state: State, nowMs: number, serial: number): Step<State, Action> {
  const { phase } = state;
  if (serial !== state.serial || phase.name !== "running") return stay(state);
  return {
    state: { ...state, phase: { ...phase, giveUpMs: giveUpAt(config, nowMs) } },
    actions: [],
  };
}

function ended(
  config: Config,
  state: State,
  { nowMs, serial, result, pausedMs = -Infinity }: Input & { readonly type: "ended" },
): Step<State, Action> {
  const { phase, repeats } = state;
  if (serial !== state.serial || phase.name !== "running") return stay(state);
  // What a script was kept waiting for, or its limit, may have passed while nobody was there to see its end.
  const mayRepeat = !result.ok && phase.startedMs < pausedMs && repeats < REPEATS_MAX;
  return mayRepeat
    ? run(state, nowMs, repeats + 1)
    : settle(config, state, phase.startedMs, nowMs, result);
}

function timer(
  config: Config,
  state: State,
  nowMs: number,
  pausedMs = -Infinity,
): Step<State, Action> {
  const { phase } = state;
  if (nowMs < deadlineMs(state)) return stay(state);
  if (phase.name === "running" && phase.startedMs < pausedMs) {
    // Its end comes by a promise, after the alarms of this wake-up.
    const giveUpMs = giveUpAt(config, pausedMs);
    if (nowMs < giveUpMs)
      return { state: { ...state, phase: { ...phase, giveUpMs } }, actions: [] };
  }
  switch (phase.name) {
    case "idle":
      return stay(state);
    case "waiting":
      return run(state, nowMs);
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

function run(state: State, nowMs: number, repeats = 0): Step<State, Action> {
  const serial = state.serial + 1;
  const phase: Phase = { name: "running", startedMs: nowMs, giveUpMs: Infinity };
  return { state: { ...state, phase, serial, repeats }, actions: [{ type: "run", serial }] };
}

function giveUpAt({ timeoutMs }: Config, startedMs: number): number {
  return startedMs + timeoutMs + LOST_AFTER_MS;
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
      repeats: 0,
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
