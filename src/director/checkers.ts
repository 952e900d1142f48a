// One checker for each target and settings, however many services ask for it. Starts, keeps and stops them.

import { createHash } from "node:crypto";
import type { State } from "../check/engine.ts";
import type { Target } from "../check/model.ts";
import { openRunner, type RunnerOptions } from "../check/runner.ts";
import type { CheckConfig } from "../check/types/index.ts";
import { chance } from "../lib/chance.ts";

/** What one real server has of a checker: others may have it under another name. */
export type Checker = { readonly key: string; readonly config: CheckConfig };

export type Wanted = {
  readonly checker: Checker;
  readonly target: Target;
  readonly assumeUp: boolean;
};

export type Checkers = {
  /** Those of one real server; one that runs already is taken with what it knows. */
  readonly of: (
    target: Target,
    configs: readonly CheckConfig[],
    assumeUp: boolean,
  ) => readonly Checker[];
  /** From now on these run, and no others. */
  readonly run: (wanted: readonly Wanted[]) => void;
  /** undefined = it rests. */
  readonly state: (checker: Checker) => State | undefined;
  readonly sessionsChanged: (names: ReadonlySet<string>) => void;
  readonly close: () => void;
};

const SPREAD_PER_CHECKER_MS = 2;
/** The first probes of a configuration begin within this time. */
export const SPREAD_MAX_MS = 1000;

export function openCheckers(
  options: Omit<RunnerOptions, "probesInFlightMax" | "youngProbesMax"> & {
    readonly random?: () => number;
  },
): Checkers {
  const { random = chance } = options;
  const runner = openRunner({ ...options, later: setImmediate });
  let running: ReadonlySet<string> = new Set();

  function run(wanted: readonly Wanted[]): void {
    const keys = new Set(wanted.map(({ checker }) => checker.key));
    for (const key of running) if (!keys.has(key)) runner.stop(key);
    const starts = new Map<string, Wanted>();
    for (const one of wanted) if (!running.has(one.checker.key)) starts.set(one.checker.key, one);
    running = keys;
    let nth = 0;
    for (const [key, { checker, target, assumeUp }] of starts) {
      const { warmupMs } = checker.config;
      const firstDelayMs = warmupMs === null ? spreadMs(nth, starts.size) : warmupMs * random();
      nth += 1;
      runner.start(key, target, checker.config, { assumeUp, firstDelayMs, chance: random() });
    }
  }

  return {
    of: (target, configs, assumeUp) =>
      configs.map((config) => checkerOf(target, config, assumeUp, runner.state)),
    run,
    state: ({ key }) => runner.state(key),
    sessionsChanged(names) {
      runner.news((config) => config.type === "bfd" && names.has(config.session));
    },
    close() {
      running = new Set();
      runner.close();
    },
  };
}

/** `stateOf`: of those that run, by their key. */
export function checkerOf(
  target: Target,
  config: CheckConfig,
  assumeUp: boolean,
  stateOf: (key: string) => Pick<State, "last"> | undefined,
): Checker {
  const base = settingsKey(target, config);
  const [own, other] = assumeUp ? [`${base} up`, `${base} down`] : [`${base} down`, `${base} up`];
  // Two checkers that began with different assumptions are the same one as soon as a probe has answered.
  const joins = stateOf(own) === undefined && (stateOf(other)?.last ?? null) !== null;
  return { key: joins ? other : own, config };
}

/** The same for all checks that would ask the same in the same way; what they are called does not matter. */
function settingsKey(target: Target, config: CheckConfig): string {
  return createHash("sha1")
    .update(JSON.stringify([target, { ...config, name: "", logsFailures: false }]))
    .digest("base64");
}

function spreadMs(index: number, count: number): number {
  return (index / count) * Math.min(SPREAD_MAX_MS, SPREAD_PER_CHECKER_MS * count);
}
