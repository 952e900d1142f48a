// The hands of tracked scripts: each runs on its beat, never twice at a time, and what its ends mean is told.

import { runScript, type ScriptOptions, type ScriptResult, startTurns } from "../kernel/process.ts";
import { type Clock, wallTimeOf } from "../lib/clock.ts";
import { type Drive, drive } from "../lib/drive.ts";
import type { Log } from "../lib/log.ts";
import { openPauses } from "../lib/pauses.ts";
import { type Job, openSlots, YOUNG_SCRIPTS_MAX } from "../lib/slots.ts";
import type { Turns } from "../lib/turns.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { ScriptConfig, Tracked } from "./model.ts";
import { type Action, deadlineMs, type Input, initialState, type State, step } from "./script.ts";

export type ScriptRunner = {
  /** A script whose configuration is unchanged keeps its verdict and its beat. */
  readonly configure: (scripts: readonly ScriptConfig[]) => void;
  readonly tracked: () => readonly Tracked[];
  readonly close: () => void;
};

const OUTPUT_MAX_BYTES = 4096;

type Running = {
  readonly script: ScriptConfig;
  readonly engine: Drive<ScriptConfig, State, Input>;
  /** The latest run. */
  job: Job<Running> | undefined;
};

export function openScriptRunner(options: {
  readonly clock: Clock;
  readonly log: Log;
  /** Some verdict changed, or a script came or went. */
  readonly onChange: () => void;
  /** This process stood still for so long: what failed meanwhile is run again. */
  readonly onPause?: (pauseMs: number) => void;
  readonly run?: (options: ScriptOptions) => Promise<ScriptResult>;
  readonly turns?: Turns;
}): ScriptRunner {
  const { clock, run = runScript, turns = startTurns } = options;
  const scripts = new Map<string, Running>();
  const slots = openSlots<Running>(clock, { youngProbesMax: YOUNG_SCRIPTS_MAX, turns }, launch);
  const pauses = openPauses(clock, slots.isBusy, options.onPause ?? (() => {}));

  function open(script: ScriptConfig): void {
    const log = options.log.child({ script: script.name });
    const engine: Running["engine"] = drive<ScriptConfig, State, Input, Action>({
      engine: { step, deadlineMs },
      config: script,
      state: initialState,
      clock,
      timerInput: (nowMs) => ({ type: "timer", nowMs, pausedMs: pauses.lastMs() }),
      perform(action) {
        switch (action.type) {
          case "run":
            running.job = slots.ask(running, action.serial);
            pauses.watch();
            return undefined;
          case "abort":
            abort(running);
            return undefined;
          case "verdict": {
            const { up, detail } = action;
            log[up ? "info" : "warn"]({ to: up ? "UP" : "DOWN", cause: detail }, "script changed");
            queueMicrotask(options.onChange);
            return undefined;
          }
          default:
            return unreachable(action);
        }
      },
    });
    const running: Running = { script, engine, job: undefined };
    scripts.set(script.name, running);
    engine.give({ type: "start", nowMs: clock.nowMs() });
  }

  function abort({ job }: Running): void {
    if (job === undefined) return;
    job.signal.abort();
    slots.end(job);
    slots.fill();
  }

  function launch(job: Job<Running>): void {
    const { checker: running, serial, startedMs: nowMs } = job;
    running.engine.give({ type: "started", nowMs, serial });
    void runJob(job);
  }

  async function runJob(job: Job<Running>): Promise<void> {
    const { checker: running, serial, signal } = job;
    const { script, engine } = running;
    const result = await run({
      command: script.command,
      extraArguments: [],
      identity: script.user ?? null,
      security: script.security ?? true,
      timeoutMs: script.timeoutMs,
      environment: {},
      outputMaxBytes: OUTPUT_MAX_BYTES,
      signal,
    });
    // Aborted: the script may have another run by now.
    if (job.phase !== "in flight") return;
    slots.end(job);
    running.job = undefined;
    const { ok, tookMs } = result;
    const detail = result.ok ? "exit status 0" : result.detail;
    const pausedMs = pauses.lastMs();
    engine.give({
      type: "ended",
      nowMs: clock.nowMs(),
      serial,
      result: { ok, detail, tookMs },
      pausedMs,
    });
    slots.fill();
  }

  function close(name: string, { engine }: Running): void {
    engine.give({ type: "stop" });
    engine.stop();
    scripts.delete(name);
  }

  return {
    configure(wanted) {
      const byName = new Map(wanted.map((script) => [script.name, script]));
      for (const [name, running] of scripts) {
        const same = JSON.stringify(byName.get(name)) === JSON.stringify(running.script);
        if (!same) close(name, running);
      }
      for (const script of wanted) if (!scripts.has(script.name)) open(script);
      options.onChange();
    },
    tracked: () => [...scripts.values()].map(trackedOf),
    close() {
      for (const [name, running] of scripts) close(name, running);
      slots.close();
      pauses.close();
    },
  };
}

function trackedOf({ script, engine }: Running): Tracked {
  const { verdict, last } = engine.state();
  return {
    name: script.name,
    up: verdict === "unknown" ? null : verdict === "up",
    detail: last?.detail ?? "not run yet",
    at: last === null ? null : wallTimeOf(last.atMs),
  };
}
