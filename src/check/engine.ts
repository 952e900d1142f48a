// One checker: when to probe, and what the results make of it. Pure; knows no socket and no other checker.
// Every probe ends here, in `settle`: counting, UP and DOWN happen nowhere else.
// Does not decide what DOWN means for the service: that is the quorum's.

import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { FailureCause, ProbeResult, SaidWeight } from "./model.ts";
import {
  type Course,
  GRACE_MS,
  isDisturbed,
  nextMs,
  type Phase,
  patienceMs,
  REPEATS_MAX,
  type Timing,
} from "./timing.ts";

export type Config = Timing;

export type State = Course & {
  /** So many of the next probes only connect. */
  readonly connectsLeft: number;
  /** So many probes in a row were asked again, because a pause of ours may have made them fail. */
  readonly repeats: number;
  readonly last: LastProbe | null;
  /** The results before the last one, the newest first. */
  readonly earlier: readonly LastProbe[];
  /** As the last success said; null = the configured one. */
  readonly weight: SaidWeight | null;
};

export type LastProbe = {
  readonly ok: boolean;
  readonly cause: ProbeCause;
  readonly detail: string;
  readonly tookMs: number;
  /** Monotonic: when the result came. */
  readonly atMs: number;
};

export type ProbeCause = FailureCause | "success";

export type Input =
  | {
      readonly type: "start";
      readonly nowMs: number;
      readonly assumeUp: boolean;
      readonly firstDelayMs: number;
      /** 0 to 1, at random. */
      readonly chance: number;
    }
  | ({ readonly type: "timer"; readonly nowMs: number } & Paused)
  /** There is news: whoever waits for its next probe need not. */
  | { readonly type: "news"; readonly nowMs: number }
  /** The probe got its slot. */
  | { readonly type: "started"; readonly nowMs: number; readonly serial: number }
  | ({
      readonly type: "result";
      readonly nowMs: number;
      readonly serial: number;
      readonly result: ProbeResult;
    } & Paused)
  | { readonly type: "stop" };

/** When this process went on after it had stood still; left out = it never did. */
type Paused = { readonly pausedMs?: number };

export type Action =
  /** `whole` false = a connection is enough. */
  | { readonly type: "probe"; readonly serial: number; readonly whole: boolean }
  /** Whatever this probe still does is of no use. */
  | { readonly type: "abort"; readonly serial: number }
  | {
      readonly type: "verdict";
      readonly up: boolean;
      readonly cause: ProbeCause;
      readonly detail: string;
    }
  /** `state.last` is a new one. */
  | { readonly type: "result" }
  /** `state.weight` is another one, and the verdict is not. */
  | { readonly type: "weight" };

/** How many results are kept beside the last one. */
const EARLIER_MAX = 4;

export const initialState: State = {
  phase: { name: "idle" },
  up: false,
  against: 0,
  serial: 0,
  connectsLeft: 0,
  repeats: 0,
  chance: 0,
  last: null,
  earlier: [],
  weight: null,
};

export function step(config: Config, state: State, input: Input): Step<State, Action> {
  switch (input.type) {
    case "start":
      return start(state, input);
    case "timer":
      return timer(config, state, input.nowMs, input.pausedMs);
    case "news":
      return state.phase.name === "waiting" ? ask(config, state, input.nowMs) : stay(state);
    case "started":
      return started(config, state, input.nowMs, input.serial);
    case "result":
      if (input.serial !== state.serial || !isBusy(state.phase)) return stay(state);
      return mayRepeat(state, input)
        ? ask(config, state, input.nowMs, state.repeats + 1)
        : settle(config, state, input.nowMs, input.result);
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
      return phase.probeAtMs;
    case "queued":
    case "probing":
      return phase.giveUpMs;
    default:
      return unreachable(phase);
  }
}

function start(state: State, input: Input & { readonly type: "start" }): Step<State, Action> {
  const { nowMs, firstDelayMs, assumeUp: up, chance } = input;
  const phase: Phase = { name: "waiting", probeAtMs: nowMs + firstDelayMs };
  return { state: { ...state, phase, up, against: 0, chance }, actions: abortOf(state) };
}

function timer(
  config: Config,
  state: State,
  nowMs: number,
  pausedMs = -Infinity,
): Step<State, Action> {
  const { phase } = state;
  if (nowMs < deadlineMs(state)) return stay(state);
  if (isBusy(phase) && isDisturbed(phase, pausedMs)) {
    // One wake-up rings this and the limit of the probe, whose result comes by a promise, so later.
    const giveUpMs = pausedMs + patienceMs(config, phase.name);
    if (nowMs < giveUpMs) return { state: inPhase(state, { ...phase, giveUpMs }), actions: [] };
  }
  switch (phase.name) {
    case "idle":
      return stay(state);
    case "waiting":
      return ask(config, state, nowMs);
    case "queued":
      return lose(config, state, nowMs, {
        ok: false,
        cause: "stale",
        detail: "not run: too many probes at once",
        tookMs: 0,
      });
    case "probing":
      return lose(config, state, nowMs, {
        ok: false,
        cause: "stale",
        detail: `the probe did not end ${GRACE_MS} ms after its limit`,
        tookMs: roundedMs(nowMs - phase.startedMs),
      });
    default:
      return unreachable(phase);
  }
}

function ask(config: Config, state: State, nowMs: number, repeats = 0): Step<State, Action> {
  const serial = state.serial + 1;
  const giveUpMs = nowMs + patienceMs(config, "queued");
  const phase: Phase = { name: "queued", wantedMs: nowMs, giveUpMs };
  const whole = state.connectsLeft === 0;
  const asking = inPhase(state, phase, serial, repeats);
  return { state: asking, actions: [{ type: "probe", serial, whole }] };
}

/** What the server said, or did not say, while nobody listened is not counted: it is asked again. */
function mayRepeat(
  { phase, repeats }: State,
  { result, pausedMs = -Infinity }: Input & { readonly type: "result" },
): boolean {
  return !result.ok && isDisturbed(phase, pausedMs) && repeats < REPEATS_MAX;
}

function started(config: Config, state: State, nowMs: number, serial: number): Step<State, Action> {
  if (serial !== state.serial || state.phase.name !== "queued") return stay(state);
  const giveUpMs = nowMs + patienceMs(config, "probing");
  const phase: Phase = { name: "probing", startedMs: nowMs, giveUpMs };
  return { state: inPhase(state, phase), actions: [] };
}

function lose(
  config: Config,
  state: State,
  nowMs: number,
  result: ProbeResult,
): Step<State, Action> {
  const after = settle(config, state, nowMs, result);
  return { state: after.state, actions: [...abortOf(state), ...after.actions] };
}

function settle(
  config: Config,
  state: State,
  nowMs: number,
  result: ProbeResult,
): Step<State, Action> {
  const cause = result.ok ? "success" : result.cause;
  const { detail, tookMs } = result;
  const last: LastProbe = { ok: result.ok, cause, detail, tookMs, atMs: nowMs };
  const against = result.ok === state.up ? 0 : state.against + 1;
  const turns = against >= (state.up ? 1 + config.retry : config.rise);
  const up = turns ? result.ok : state.up;
  // A connection is enough of who is UP without a doubt: a server comes back by whole probes only.
  const isSure = up && (turns || against === 0) && result.ok;
  const left = state.connectsLeft === 0 ? config.connects : state.connectsLeft - 1;
  const settled: State = {
    phase: state.phase,
    up,
    against: turns ? 0 : against,
    serial: state.serial,
    connectsLeft: isSure ? left : 0,
    repeats: 0,
    chance: state.chance,
    last,
    earlier:
      state.last === null ? [] : [state.last].concat(state.earlier.slice(0, EARLIER_MAX - 1)),
    weight: result.ok ? (result.weight ?? null) : state.weight,
  };
  const actions: Action[] = [{ type: "result" }];
  if (turns) actions.push({ type: "verdict", up: result.ok, cause, detail });
  else if (!sameWeight(settled.weight, state.weight)) actions.push({ type: "weight" });
  const phase: Phase = { name: "waiting", probeAtMs: nextMs(config, settled, nowMs) };
  return { state: inPhase(settled, phase), actions };
}

/** Field by field: of a spread V8 makes objects with a shape of their own, which cost a check as much as its socket. */
function inPhase(
  state: State,
  phase: Phase,
  serial: number = state.serial,
  repeats: number = state.repeats,
): State {
  return {
    phase,
    up: state.up,
    against: state.against,
    serial,
    connectsLeft: state.connectsLeft,
    repeats,
    chance: state.chance,
    last: state.last,
    earlier: state.earlier,
    weight: state.weight,
  };
}

function sameWeight(a: SaidWeight | null, b: SaidWeight | null): boolean {
  return a?.kind === b?.kind && a?.value === b?.value;
}

function abortOf(state: State): Action[] {
  return isBusy(state.phase) ? [{ type: "abort", serial: state.serial }] : [];
}

function isBusy(phase: Phase): phase is Phase & { readonly name: "queued" | "probing" } {
  return phase.name === "queued" || phase.name === "probing";
}

function stay(state: State): Step<State, Action> {
  return { state, actions: [] };
}

function roundedMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
