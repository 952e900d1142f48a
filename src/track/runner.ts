// The hands of tracked scripts: each runs on its beat, never twice at a time, and what its ends mean is told.

import { runScript, type ScriptOptions, type ScriptResult } from "../kernel/process.ts";
import { type Clock, wallTimeOf } from "../lib/clock.ts";
import { type Drive, drive } from "../lib/drive.ts";
import type { Log } from "../lib/log.ts";
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
  readonly aborts: Map<number, AbortController>;
};

export function openScriptRunner(options: {
  readonly clock: Clock;
  readonly log: Log;
  /** Some verdict changed, or a script came or went. */
  readonly onChange: () => void;
  readonly run?: (options: ScriptOptions) => Promise<ScriptResult>;
}): ScriptRunner {
  const { clock, run = runScript } = options;
  const scripts = new Map<string, Running>();

  function open(script: ScriptConfig): void {
    const log = options.log.child({ script: script.name });
    const aborts = new Map<number, AbortController>();
    const engine: Running["engine"] = drive<ScriptConfig, State, Input, Action>({
      engine: { step, deadlineMs },
      config: script,
      state: initialState,
      clock,
      timerInput: (nowMs) => ({ type: "timer", nowMs }),
      perform(action) {
        switch (action.type) {
          case "run":
            void start(running, action.serial);
            return undefined;
          case "abort":
            aborts.get(action.serial)?.abort();
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
    const running: Running = { script, engine, aborts };
    scripts.set(script.name, running);
    engine.give({ type: "start", nowMs: clock.nowMs() });
  }

  async function start({ script, engine, aborts }: Running, serial: number): Promise<void> {
    const abort = new AbortController();
    aborts.set(serial, abort);
    const result = await run({
      command: script.command,
      extraArguments: [],
      identity: script.user ?? null,
      security: script.security ?? true,
      timeoutMs: script.timeoutMs,
      environment: {},
      outputMaxBytes: OUTPUT_MAX_BYTES,
      signal: abort.signal,
    });
    aborts.delete(serial);
    const { ok, tookMs } = result;
    const detail = result.ok ? "exit status 0" : result.detail;
    engine.give({ type: "ended", nowMs: clock.nowMs(), serial, result: { ok, detail, tookMs } });
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
