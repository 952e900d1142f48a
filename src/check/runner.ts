// Runs many checkers: one engine each, and one limit on the probes in flight for all of them.
// Probes over the limit wait in the order they were asked for; a checker waits at most once.

import type { Clock } from "../lib/clock.ts";
import { type Drive, drive } from "../lib/drive.ts";
import { errorText } from "../lib/errors.ts";
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
import type { CheckConfig, ProbeResult, Target } from "./model.ts";
import { type Probe, probe as realProbe } from "./probes/index.ts";

export type Runner = {
  /** Takes the place of a checker that has the same key. */
  readonly start: (key: string, target: Target, config: CheckConfig, how: StartOptions) => void;
  readonly stop: (key: string) => void;
  readonly state: (key: string) => State | undefined;
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
  readonly probe?: Probe;
  readonly probesInFlightMax?: number;
};

const PROBES_IN_FLIGHT_MAX = 256;

type Checker = {
  readonly target: Target;
  readonly config: CheckConfig;
  readonly drive: Drive<Config, State, Input>;
};

type Job = { readonly checker: Checker; readonly serial: number };

export function openRunner(options: RunnerOptions): Runner {
  const { clock, onVerdict, probe = realProbe } = options;
  const inFlightMax = options.probesInFlightMax ?? PROBES_IN_FLIGHT_MAX;
  const checkers = new Map<string, Checker>();
  // A checker has one probe at most, so both are bounded by the number of checkers.
  const waiting = new Map<Checker, Job>();
  const inFlight = new Map<Checker, AbortController>();

  function start(key: string, target: Target, config: CheckConfig, how: StartOptions): void {
    stop(key);
    const checker: Checker = {
      target,
      config,
      drive: drive<Config, State, Input, Action>({
        engine: { step, deadlineMs },
        config,
        state: initialState,
        clock,
        timerInput: (nowMs) => ({ type: "timer", nowMs }),
        perform: (action) => perform(key, checker, action),
      }),
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

  function perform(key: string, checker: Checker, action: Action): undefined {
    switch (action.type) {
      case "probe":
        waiting.set(checker, { checker, serial: action.serial });
        return fill();
      case "abort":
        waiting.delete(checker);
        inFlight.get(checker)?.abort();
        inFlight.delete(checker);
        return fill();
      case "verdict":
        onVerdict(key, action.up, { cause: action.cause, detail: action.detail });
        return;
      default:
        return unreachable(action);
    }
  }

  function fill(): undefined {
    for (const job of waiting.values()) {
      if (inFlight.size >= inFlightMax) return;
      waiting.delete(job.checker);
      void launch(job);
    }
  }

  async function launch({ checker, serial }: Job): Promise<void> {
    const controller = new AbortController();
    inFlight.set(checker, controller);
    checker.drive.give({ type: "started", nowMs: clock.nowMs(), serial });
    const result = await outcome(checker, controller.signal);
    // Aborted: the slot may belong to the checker's next probe by now.
    if (inFlight.get(checker) !== controller) return;
    inFlight.delete(checker);
    checker.drive.give({ type: "result", nowMs: clock.nowMs(), serial, result });
    fill();
  }

  async function outcome(checker: Checker, signal: AbortSignal): Promise<ProbeResult> {
    try {
      return await probe(checker.target, checker.config, { signal, clock });
    } catch (error) {
      return { ok: false, cause: "internal", detail: errorText(error), tookMs: 0 };
    }
  }

  return {
    start,
    stop,
    state: (key) => checkers.get(key)?.drive.state(),
    close() {
      waiting.clear();
      for (const key of checkers.keys()) stop(key);
    },
  };
}
