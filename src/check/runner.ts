// Runs many checkers: one engine each, and limits on the probes in flight for all of them (lib/slots.ts). A checker has one
// probe at most.

import { startTurns } from "../kernel/process.ts";
import type { Clock } from "../lib/clock.ts";
import { type Drive, drive } from "../lib/drive.ts";
import { errorText } from "../lib/errors.ts";
import { openPauses } from "../lib/pauses.ts";
import {
  type Job,
  openSlots,
  type SlotLimits,
  type Slots,
  YOUNG_SCRIPTS_MAX,
} from "../lib/slots.ts";
import type { Turns } from "../lib/turns.ts";
import { unreachable } from "../lib/unreachable.ts";
import {
  type Action,
  type Config,
  deadlineMs,
  type Input,
  initialState,
  type ProbeCause,
  type State,
  step,
} from "./engine.ts";
import type { ProbeResult, Target } from "./model.ts";
import { probe as realProbe } from "./probes/index.ts";
import type { Probe } from "./probes/probe.ts";
import type { Sessions } from "./sessions.ts";
import type { CheckConfig } from "./types/index.ts";

export type Runner = {
  /** Takes the place of a checker that has the same key. */
  readonly start: (key: string, target: Target, config: CheckConfig, how: StartOptions) => void;
  readonly stop: (key: string) => void;
  readonly state: (key: string) => State | undefined;
  /** Those of which there is news probe now. */
  readonly news: (isAbout: (config: CheckConfig) => boolean) => void;
  readonly close: () => void;
};

export type StartOptions = {
  /** The verdict before the first one. */
  readonly assumeUp: boolean;
  /** Spreads the first probes of many checkers. */
  readonly firstDelayMs: number;
  /** 0 to 1, at random: where in its jitter it begins. */
  readonly chance: number;
};

export type Why = { readonly cause: ProbeCause; readonly detail: string };

export type RunnerOptions = {
  readonly clock: Clock;
  /** Only changes are told: the first verdict is what `assumeUp` says. */
  readonly onVerdict: (key: string, up: boolean, why: Why) => void;
  /** Of every probe that ended or is given up; in `state` as `last`. */
  readonly onResult?: (key: string) => undefined;
  /** The weight in `state` is another one, and the verdict is not. */
  readonly onWeight?: (key: string) => undefined;
  /** This process stood still for so long: what failed meanwhile is asked again. */
  readonly onPause?: (pauseMs: number) => void;
  readonly probe?: Probe;
  readonly sessions?: Sessions;
  /** In which scripts begin. */
  readonly turns?: Turns;
} & Omit<SlotLimits, "turns">;

type Checker = {
  readonly key: string;
  readonly target: Target;
  readonly config: CheckConfig;
  readonly drive: Drive<Config, State, Input>;
  /** The latest probe. */
  job: Job<Checker> | undefined;
  /** false = it only connects. */
  isWhole: boolean;
};

export function openRunner(options: RunnerOptions): Runner {
  const { clock, onVerdict, probe = realProbe, turns = startTurns, ...limits } = options;
  const beside = options.sessions && { sessions: options.sessions };
  const checkers = new Map<string, Checker>();
  const slots = openSlots<Checker>(clock, limits, launch);
  const scripts = openSlots<Checker>(
    clock,
    { ...limits, youngProbesMax: YOUNG_SCRIPTS_MAX, turns },
    launch,
  );
  const isBusy = (): boolean => slots.isBusy() || scripts.isBusy();
  const pauses = openPauses(clock, isBusy, options.onPause ?? (() => {}));

  function start(key: string, target: Target, config: CheckConfig, how: StartOptions): void {
    stop(key);
    const checker: Checker = {
      key,
      target,
      config,
      drive: drive<Config, State, Input, Action>({
        engine: ENGINE,
        config,
        state: initialState,
        clock,
        timerInput: (nowMs) => ({ type: "timer", nowMs, pausedMs: pauses.lastMs() }),
        perform: (action) => perform(checker, action),
      }),
      job: undefined,
      isWhole: true,
    };
    checkers.set(key, checker);
    checker.drive.give({ type: "start", nowMs: clock.nowMs(), ...how });
  }

  function stop(key: string): void {
    const checker = checkers.get(key);
    if (checker === undefined) return;
    checkers.delete(key);
    checker.drive.give({ type: "stop" });
    checker.drive.stop();
  }

  function slotsOf({ config }: Checker): Slots<Checker> {
    return config.type === "misc" ? scripts : slots;
  }

  function perform(checker: Checker, action: Action): undefined {
    const { key, job } = checker;
    switch (action.type) {
      case "probe":
        checker.isWhole = action.whole;
        checker.job = slotsOf(checker).ask(checker, action.serial);
        pauses.watch();
        return;
      case "abort":
        if (job === undefined) return;
        job.signal.abort();
        slotsOf(checker).end(job);
        slotsOf(checker).fill();
        return;
      case "result":
        return options.onResult?.(key);
      case "weight":
        return options.onWeight?.(key);
      case "verdict":
        onVerdict(key, action.up, { cause: action.cause, detail: action.detail });
        return;
      default:
        return unreachable(action);
    }
  }

  function launch(job: Job<Checker>): void {
    const { checker, serial, signal, startedMs } = job;
    const config = checker.isWhole ? checker.config : connectOf(checker.config);
    checker.drive.give({ type: "started", nowMs: startedMs, serial });
    probe(checker.target, config, { signal, clock, ...beside }).then(
      (result) => settle(job, result),
      (error: unknown) =>
        settle(job, { ok: false, cause: "internal", detail: errorText(error), tookMs: 0 }),
    );
  }

  function settle(job: Job<Checker>, result: ProbeResult): void {
    // Aborted: the slot may belong to the checker's next probe by now.
    if (job.phase !== "in flight") return;
    const { checker, serial } = job;
    slotsOf(checker).end(job);
    checker.job = undefined;
    const pausedMs = pauses.lastMs();
    checker.drive.give({ type: "result", nowMs: clock.nowMs(), serial, result, pausedMs });
    slotsOf(checker).fill();
  }

  return {
    start,
    stop,
    state: (key) => checkers.get(key)?.drive.state(),
    news(isAbout) {
      for (const { config, drive: one } of checkers.values()) {
        if (isAbout(config)) one.give({ type: "news", nowMs: clock.nowMs() });
      }
    },
    close() {
      slots.close();
      scripts.close();
      pauses.close();
      for (const key of checkers.keys()) stop(key);
    },
  };
}

/** To the same place, in the same way, and nothing is said there. */
function connectOf(config: CheckConfig): CheckConfig {
  return { ...config, type: "tcp", tls: null, steps: [] };
}

const ENGINE = { step, deadlineMs };
