// Reads the configuration in a short-lived process, so that no parser ever runs in the guardian and a file
// that makes it fail takes nothing along.

import { spawn } from "node:child_process";
import type { ReadResult } from "../config/model.ts";
import { nowMs, timeoutClock } from "../lib/clock.ts";

/** Of a machine that hardly runs: a start that gives up is worse than one that waits. */
const READ_LIMIT_MS = 120_000;

export async function readInChild(options: {
  readonly program: string;
  readonly file: string;
}): Promise<ReadResult> {
  const { program, file } = options;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, "--role", "reader", file], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    let late = "";
    const alarm = timeoutClock.alarm(() => {
      late = `, for it took more than ${READ_LIMIT_MS / 1000} s`;
      child.kill("SIGKILL");
    });
    alarm.set(nowMs() + READ_LIMIT_MS);
    let result: ReadResult | undefined;
    child.on("message", (message) => {
      result = message as ReadResult;
    });
    const end = (how: string): void => {
      alarm.set(Infinity);
      resolve(result ?? failed(file, how + late));
    };
    child.once("error", (error) => end(error.message));
    child.once("close", (code, signal) => end(signal ?? `exit status ${code}`));
  });
}

function failed(file: string, how: string): ReadResult {
  const message = `Cannot read the configuration: its reader ended with ${how}`;
  return { ok: false, problems: [{ file, line: 0, message, severity: "error" }] };
}
