// The hands of the hooks: one engine an instance or sync group, each script run with a limit, its end logged and kept.

import { runScript, type ScriptOptions, type ScriptResult, startTurns } from "../kernel/process.ts";
import { AbortFlag } from "../lib/abort.ts";
import { type Clock, wallTimeOf } from "../lib/clock.ts";
import { type Drive, drive } from "../lib/drive.ts";
import type { Log } from "../lib/log.ts";
import type { Turns } from "../lib/turns.ts";
import { unreachable } from "../lib/unreachable.ts";
import { within } from "../lib/within.ts";
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
  type Transition,
} from "./hooks.ts";
import type { HookResult, HookState, HooksConfig, Subject, SubjectHooks } from "./model.ts";

export type HookRunner = {
  /** Runs the hooks of a new state, after those that run already. */
  readonly transition: (
    subject: Subject,
    hooks: HooksConfig,
    state: HookState,
    priority: number,
  ) => void;
  /** Of every run that begins from now on. */
  readonly configure: (limits: HookLimits) => void;
  /** For shutdown: waits until nothing runs or waits; after the limit kills what runs. No hook begins later. */
  readonly drain: (limitMs: number) => Promise<void>;
  readonly status: () => readonly SubjectHooks[];
};

export type HookLimits = {
  readonly hookTimeoutMs: number;
  /** enable_script_security */
  readonly scriptSecurity: boolean;
};

export type HookRunnerOptions = HookLimits & {
  readonly log: Log;
  readonly clock: Clock;
  readonly run?: (options: ScriptOptions) => Promise<ScriptResult>;
  readonly turns?: Turns;
  /** A hook of this subject has ended, in this state. */
  readonly onReport?: (hooks: SubjectHooks, state: HookState) => void;
};

const OUTPUT_MAX_BYTES = 4096;
const LOGGED_OUTPUT_LENGTH_MAX = 200;
/** From the KILL to the end of a script that obeys it. */
const KILLED_LIMIT_MS = 1000;

/** Of real servers: thousands may go DOWN at once. Hooks of instances and groups wait for no other to end. */
const SERVER_HOOKS_MAX = 16;

type SubjectDrive = Drive<Config, State, Input>;

export function openHookRunner(options: HookRunnerOptions): HookRunner {
  const { log, clock, run = runScript, turns = startTurns } = options;
  const subjects = new Map<string, SubjectDrive>();
  const killing = new AbortFlag();
  let { hookTimeoutMs: timeoutMs, scriptSecurity: security } = options;
  let draining: (() => void) | undefined;
  /** Real servers whose hooks run, and the latest state of those that wait for that. */
  const busyServers = new Set<SubjectDrive>();
  const lateServers = new Map<SubjectDrive, Transition>();

  function driveOf(subject: Subject): SubjectDrive {
    const { kind, name } = subject;
    const key = `${kind} ${name}`;
    const known = subjects.get(key);
    if (known !== undefined) return known;
    const ownLog = log.child({ [kind.toLowerCase()]: name });
    const made: SubjectDrive = drive<Config, State, Input, Action>({
      engine: { step, deadlineMs },
      config: { subject, timeoutMs },
      state: initialState,
      clock,
      timerInput: (nowMs) => ({ type: "timer", nowMs }),
      perform: (action) => perform(made, ownLog, action),
    });
    subjects.set(key, made);
    return made;
  }

  function perform(to: SubjectDrive, ownLog: Log, action: Action): undefined {
    switch (action.type) {
      case "run":
        if (turns.take(() => perform(to, ownLog, action))) void start(to, ownLog, action);
        return;
      case "report":
        logReport(ownLog, action.report);
        options.onReport?.(statusOf(to.config(), to.state()), action.report.state);
        return;
      case "skip":
        ownLog.info({ state: action.state }, "hooks skipped");
        return;
      default:
        return unreachable(action);
    }
  }

  async function start(
    to: SubjectDrive,
    ownLog: Log,
    { serial, hook, timeoutMs: limitMs }: Action & { type: "run" },
  ): Promise<void> {
    const { name, state, command, extraArguments, identity } = hook;
    to.give({ type: "started", nowMs: clock.nowMs(), serial });
    ownLog.info({ hook: name, state, command }, "hook started");
    const result = await run({
      command,
      extraArguments,
      identity,
      security,
      timeoutMs: limitMs,
      environment: {},
      outputMaxBytes: OUTPUT_MAX_BYTES,
      keepsEnd: true,
      signal: killing,
    });
    to.give({ type: "ended", nowMs: clock.nowMs(), serial, outcome: outcomeOf(result) });
    if (busyServers.has(to) && isIdle(to.state())) busyServers.delete(to);
    letServersIn();
    draining?.();
  }

  function letServersIn(): void {
    for (const [one, transition] of lateServers) {
      if (busyServers.size >= SERVER_HOOKS_MAX) return;
      lateServers.delete(one);
      begin(one, transition);
    }
  }

  function begin(one: SubjectDrive, transition: Transition): void {
    one.give({ type: "transition", transition });
    if (one.config().subject.kind === "REAL_SERVER" && !isIdle(one.state())) busyServers.add(one);
  }

  async function idle(limitMs: number): Promise<void> {
    await within(clock, limitMs, (done) => {
      draining = () => {
        if (lateServers.size > 0) return;
        if ([...subjects.values()].every((one) => isIdle(one.state()))) done();
      };
      draining();
    });
  }

  return {
    transition(subject, hooks, state, priority) {
      const transition = { state, priority, hooks };
      const one = driveOf(subject);
      const isFull = subject.kind === "REAL_SERVER" && busyServers.size >= SERVER_HOOKS_MAX;
      if (isFull && !busyServers.has(one)) lateServers.set(one, transition);
      else begin(one, transition);
    },
    configure(next) {
      timeoutMs = next.hookTimeoutMs;
      security = next.scriptSecurity;
      for (const one of subjects.values()) one.reconfigure({ ...one.config(), timeoutMs });
    },
    async drain(limitMs) {
      await idle(limitMs);
      lateServers.clear();
      for (const one of subjects.values()) one.give({ type: "close" });
      killing.abort();
      await idle(KILLED_LIMIT_MS);
      for (const one of subjects.values()) one.stop();
    },
    status: () => [...subjects.values()].map((one) => statusOf(one.config(), one.state())),
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
  const output = lastLine(report.output);
  if (report.ok) log.info({ hook, state, took_ms: tookMs }, "hook ended");
  else log.warn({ hook, state, took_ms: tookMs, cause, detail, output }, "hook failed");
}

/** Where scripts say what they ended for. What would move a terminal's cursor is left out. */
function lastLine(output: string): string {
  const line = output.trim().split("\n").at(-1) ?? "";
  return line.replaceAll(/\p{Cc}/gu, "").slice(0, LOGGED_OUTPUT_LENGTH_MAX);
}

function statusOf({ subject }: Config, state: State): SubjectHooks {
  const hook = state.running?.hook;
  return {
    subject,
    running: hook === undefined ? null : { hook: hook.name, state: hook.state },
    skipped: state.skipped,
    results: state.reports.map(resultOf),
  };
}

function resultOf({ hook, state, atMs, ok, detail, output, tookMs }: Report): HookResult {
  return { hook, state, at: wallTimeOf(atMs), ok, detail, lastLine: lastLine(output), tookMs };
}
