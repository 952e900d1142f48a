// Runs many checkers: one engine each, and limits on the probes in flight for all of them.
// Probes over a limit wait in the order they were asked for; a checker waits at most once.

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
import type { Sessions } from "./sessions.ts";

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
  readonly probe?: Probe;
  readonly sessions?: Sessions;
  readonly probesInFlightMax?: number;
  readonly youngProbesMax?: number;
};

/** Probes that work: a burst of thousands would make all of them late. */
const YOUNG_PROBES_MAX = 256;
/** A probe that is older only waits for its server, and is in nobody's way: hosts that are gone delay no other check. */
const YOUNG_MS = 100;
/** Each holds a descriptor or two. */
const PROBES_IN_FLIGHT_MAX = 8192;

type Checker = {
  readonly target: Target;
  readonly config: CheckConfig;
  readonly drive: Drive<Config, State, Input>;
};

type Job = { readonly checker: Checker; readonly serial: number; readonly whole: boolean };

export function openRunner(options: RunnerOptions): Runner {
  const { clock, onVerdict, probe = realProbe } = options;
  const { youngProbesMax = YOUNG_PROBES_MAX, probesInFlightMax = PROBES_IN_FLIGHT_MAX } = options;
  const beside = options.sessions && { sessions: options.sessions };
  const checkers = new Map<string, Checker>();
  // A checker has one probe at most, so both are bounded by the number of checkers.
  const waiting = new Map<Checker, Job>();
  const inFlight = new Map<Checker, AbortController>();
  /** When those of `inFlight` that are young began, the oldest first. */
  const young = new Map<Checker, number>();
  const aging = clock.alarm(fill);

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
        waiting.set(checker, { checker, serial: action.serial, whole: action.whole });
        return fill();
      case "abort":
        waiting.delete(checker);
        inFlight.get(checker)?.abort();
        inFlight.delete(checker);
        young.delete(checker);
        return fill();
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

  function fill(): undefined {
    for (const job of waiting.values()) {
      if (inFlight.size >= probesInFlightMax || !hasYoungSlot()) return;
      waiting.delete(job.checker);
      void launch(job);
    }
  }

  function hasYoungSlot(): boolean {
    if (young.size < youngProbesMax) return true;
    const grownUpMs = clock.nowMs() - YOUNG_MS;
    for (const [checker, startedMs] of young) {
      if (startedMs > grownUpMs) {
        aging.set(startedMs + YOUNG_MS);
        break;
      }
      young.delete(checker);
    }
    return young.size < youngProbesMax;
  }

  async function launch({ checker, serial, whole }: Job): Promise<void> {
    const controller = new AbortController();
    const nowMs = clock.nowMs();
    inFlight.set(checker, controller);
    young.set(checker, nowMs);
    checker.drive.give({ type: "started", nowMs, serial });
    const result = await outcome(checker, whole, controller.signal);
    // Aborted: the slot may belong to the checker's next probe by now.
    if (inFlight.get(checker) !== controller) return;
    inFlight.delete(checker);
    young.delete(checker);
    checker.drive.give({ type: "result", nowMs: clock.nowMs(), serial, result });
    fill();
  }

  async function outcome(
    { target, config }: Checker,
    whole: boolean,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    try {
      return await probe(target, whole ? config : connectOf(config), { signal, clock, ...beside });
    } catch (error) {
      return { ok: false, cause: "internal", detail: errorText(error), tookMs: 0 };
    }
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
      waiting.clear();
      aging.set(Infinity);
      for (const key of checkers.keys()) stop(key);
    },
  };
}

/** To the same place, in the same way, and nothing is said there. */
function connectOf(config: CheckConfig): CheckConfig {
  return { ...config, type: "tcp", tls: null, steps: [] };
}
