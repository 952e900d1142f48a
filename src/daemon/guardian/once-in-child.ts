// startup_script and shutdown_script: run by a short-lived process, so that the guardian itself starts nothing of
// the operator's. SIGTERM and SIGINT end the wait and the script.

import { spawn } from "node:child_process";
import type { Config, OnceScript } from "../../config/model.ts";
import type { ScriptOptions, ScriptResult } from "../../kernel/process.ts";
import { nowMs, timeoutClock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { OWN_GROUP } from "./child.ts";

/** What the child is told first; it answers with a ScriptResult. */
export type OnceRequest = Pick<ScriptOptions, "command" | "timeoutMs" | "identity" | "security">;

/** For the end of a script that was told to end, and of the child. */
const MARGIN_MS = 6000;

/** "interrupted": somebody wants duet to stop. A script that fails is said, and nothing more. */
export async function runOnce(options: {
  readonly program: string;
  readonly name: "startup_script" | "shutdown_script";
  readonly config: Config;
  readonly log: Log;
}): Promise<"done" | "interrupted"> {
  const { name, config, program } = options;
  const script =
    name === "startup_script" ? config.notify.startupScript : config.notify.shutdownScript;
  if (script === null) return "done";
  const log = options.log.child({ script: name });
  log.info({ command: script.command }, "script started");
  const { result, how, interrupted } = await inChild(program, script, config);
  if (result === undefined) log.error({ detail: how }, "script failed");
  else if (result.ok) log.info({ took_ms: result.tookMs }, "script ended");
  else {
    const { cause, detail, tookMs, output } = result;
    log.error({ cause, detail, took_ms: tookMs, output: output.slice(0, 200) }, "script failed");
  }
  return interrupted ? "interrupted" : "done";
}

type Ended = {
  readonly result: ScriptResult | undefined;
  readonly how: string;
  readonly interrupted: boolean;
};

async function inChild(
  program: string,
  { command, timeoutMs }: OnceScript,
  { global }: Config,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, "--role", "once"], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      ...OWN_GROUP,
    });
    let result: ScriptResult | undefined;
    let interrupted = false;
    const alarm = timeoutClock.alarm(() => child.kill("SIGKILL"));
    alarm.set(nowMs() + timeoutMs + MARGIN_MS);

    function interrupt(): void {
      interrupted = true;
      // It ends the script when nobody listens any more.
      if (child.connected) child.disconnect();
    }

    function ignore(): void {}

    function end(how: string): void {
      alarm.set(Infinity);
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.off(signal, interrupt);
      process.off("SIGHUP", ignore);
      resolve({ result, how, interrupted });
    }

    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, interrupt);
    process.on("SIGHUP", ignore);
    child.on("message", (message) => {
      result = message as ScriptResult;
    });
    child.once("error", (error) => end(error.message));
    // After a disconnect of ours there is no "close".
    child.once("exit", (code, signal) => {
      if (interrupted) end(signal ?? `exit status ${code}`);
    });
    child.once("close", (code, signal) => end(signal ?? `exit status ${code}`));
    const { scriptUser: identity, scriptSecurity: security } = global;
    const request: OnceRequest = { command, timeoutMs, identity, security };
    child.send(request, () => {});
  });
}
