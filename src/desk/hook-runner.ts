// The hands of the hooks: one engine an instance, each script run with a limit, its end logged and kept.

import { runScript, type ScriptOptions, type ScriptResult } from "../kernel/process.ts";
import { type Clock, wallTimeOf } from "../lib/clock.ts";
import { type Drive, drive } from "../lib/drive.ts";
import type { Log } from "../lib/log.ts";
import { unreachable } from "../lib/unreachable.ts";
import {
  type Action,
  type Config,
  deadlineMs,
  type Input,
  initialState,
  isIdle,
  type Outcome,
  type Report,
  type State,
  step,
} from "./hooks.ts";
import type { HookResult, HookState, HooksConfig, InstanceHooks } from "./model.ts";

export type HookRunner = {
  /** Runs the hooks of a new state, after those that run already. */
  readonly transition: (
    instance: string,
    hooks: HooksConfig,
    state: HookState,
    priority: number,
  ) => void;
  /** The limit of every run that begins from now on. */
  readonly setTimeoutMs: (timeoutMs: number) => void;
  /** For shutdown: waits until nothing runs or waits; after the limit kills what runs. No hook begins later. */
  readonly drain: (limitMs: number) => Promise<void>;
  readonly status: () => readonly InstanceHooks[];
};

export type HookRunnerOptions = {
  readonly log: Log;
  readonly clock: Clock;
  readonly hookTimeoutMs: number;
  readonly run?: (options: ScriptOptions) => Promise<ScriptResult>;
};

const OUTPUT_MAX_BYTES = 4096;
const LOGGED_OUTPUT_LENGTH_MAX = 200;
/** From the KILL to the end of a script that obeys it. */
const KILLED_LIMIT_MS = 1000;

type InstanceDrive = Drive<Config, State, Input>;

export function openHookRunner(options: HookRunnerOptions): HookRunner {
  const { log, clock, run = runScript } = options;
  const instances = new Map<string, InstanceDrive>();
  const killing = new AbortController();
  let timeoutMs = options.hookTimeoutMs;
  let draining: (() => void) | undefined;

  function driveOf(instance: string): InstanceDrive {
    const known = instances.get(instance);
    if (known !== undefined) return known;
    const instanceLog = log.child({ instance });
    const made: InstanceDrive = drive<Config, State, Input, Action>({
      engine: { step, deadlineMs },
      config: { instance, timeoutMs },
      state: initialState,
      clock,
      timerInput: (nowMs) => ({ type: "timer", nowMs }),
      perform: (action) => perform(made, instanceLog, action),
    });
    instances.set(instance, made);
    return made;
  }

  function perform(to: InstanceDrive, instanceLog: Log, action: Action): undefined {
    switch (action.type) {
      case "run":
        void start(to, instanceLog, action);
        return;
      case "report":
        logReport(instanceLog, action.report);
        return;
      case "skip":
        instanceLog.info({ state: action.state }, "hooks skipped");
        return;
      default:
        return unreachable(action);
    }
  }

  async function start(
    to: InstanceDrive,
    instanceLog: Log,
    { serial, hook, timeoutMs: limitMs }: Action & { type: "run" },
  ): Promise<void> {
    const { name, state, command, extraArguments } = hook;
    instanceLog.info({ hook: name, state, command }, "hook started");
    const result = await run({
      command,
      extraArguments,
      timeoutMs: limitMs,
      environment: {},
      outputMaxBytes: OUTPUT_MAX_BYTES,
      signal: killing.signal,
    });
    to.give({ type: "ended", nowMs: clock.nowMs(), serial, outcome: outcomeOf(result) });
    draining?.();
  }

  async function idle(limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const limit = clock.alarm(resolve);
      draining = () => {
        if (![...instances.values()].every((one) => isIdle(one.state()))) return;
        limit.set(Infinity);
        resolve();
      };
      limit.set(clock.nowMs() + limitMs);
      draining();
    });
  }

  return {
    transition(instance, hooks, state, priority) {
      const transition = { state, priority, hooks };
      driveOf(instance).give({ type: "transition", nowMs: clock.nowMs(), transition });
    },
    setTimeoutMs(next) {
      timeoutMs = next;
      for (const one of instances.values()) one.reconfigure({ ...one.config(), timeoutMs });
    },
    async drain(limitMs) {
      await idle(limitMs);
      for (const one of instances.values()) one.give({ type: "close" });
      killing.abort();
      await idle(KILLED_LIMIT_MS);
      for (const one of instances.values()) one.stop();
    },
    status: () => [...instances].map(([instance, one]) => statusOf(instance, one.state())),
  };
}

function outcomeOf(result: ScriptResult): Outcome {
  const { output, tookMs } = result;
  return result.ok
    ? { ok: true, cause: null, detail: "exit status 0", output, tookMs }
    : { ok: false, cause: result.cause, detail: result.detail, output, tookMs };
}

function logReport(log: Log, report: Report): void {
  const { hook, state, tookMs, detail, cause } = report;
  const output = firstLine(report.output);
  if (report.ok) log.info({ hook, state, took_ms: tookMs }, "hook ended");
  else log.warn({ hook, state, took_ms: tookMs, cause, detail, output }, "hook failed");
}

function firstLine(output: string): string {
  return (output.trim().split("\n")[0] ?? "").slice(0, LOGGED_OUTPUT_LENGTH_MAX);
}

function statusOf(instance: string, state: State): InstanceHooks {
  const hook = state.running?.hook;
  return {
    instance,
    running: hook === undefined ? null : { hook: hook.name, state: hook.state },
    skipped: state.skipped,
    results: state.reports.map(resultOf),
  };
}

function resultOf({ hook, state, atMs, ok, detail, tookMs }: Report): HookResult {
  return { hook, state, at: wallTimeOf(atMs), ok, detail, tookMs };
}
