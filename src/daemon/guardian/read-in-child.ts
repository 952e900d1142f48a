// Reads the configuration in a short-lived process, so that no parser ever runs in the guardian and a file
// that makes it fail takes nothing along.

import { spawn } from "node:child_process";
import type { ReadResult } from "../../config/model.ts";
import type { ReadOptions } from "../../config/read-options.ts";
import { nowMs, timeoutClock } from "../../lib/clock.ts";
import type { Unloadable } from "../process/messages.ts";
import { OWN_GROUP } from "./child.ts";
import { type StandIn, standingIn } from "./stand-in/stand-in.ts";

/** Of a machine that hardly runs: a start that gives up is worse than one that waits. */
const READ_LIMIT_MS = 120_000;

export async function readInChild(options: {
  readonly program: string;
  readonly file: string;
  readonly how: ReadOptions;
  readonly environment?: NodeJS.ProcessEnv;
  readonly standIn?: StandIn;
}): Promise<ReadResult> {
  const read = await readWhole(options);
  return read.ok ? { ...read, config: standingIn(read.config, options.standIn) } : read;
}

async function readWhole(options: {
  readonly program: string;
  readonly file: string;
  readonly how: ReadOptions;
  readonly environment?: NodeJS.ProcessEnv;
}): Promise<ReadResult> {
  const { program, file, how, environment = process.env } = options;
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [program, "--role", "reader", file, JSON.stringify(how)],
      {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
        env: environment,
        ...OWN_GROUP,
      },
    );
    let late = "";
    const alarm = timeoutClock.alarm(() => {
      late = `, for it took more than ${READ_LIMIT_MS / 1000} s`;
      child.kill("SIGKILL");
    });
    alarm.set(nowMs() + READ_LIMIT_MS);
    let result: ReadResult | undefined;
    child.on("message", (message: ReadResult | Unloadable) => {
      result = "type" in message ? refused(program, `${message.reason}: ${RESTART}`) : message;
      // It has no more to say, and could not end before a getaddrinfo(3) that nobody waits for any more.
      child.kill("SIGKILL");
    });
    const end = (by: string): void => {
      alarm.set(Infinity);
      resolve(result ?? failed(file, by + late));
    };
    child.once("error", (error) => end(error.message));
    child.once("close", (code, signal) => end(signal ?? `exit status ${code}`));
  });
}

/** What runs goes on with the configuration that it has. */
const RESTART = "when the upgrade is done, restart duet";

function failed(file: string, how: string): ReadResult {
  return refused(file, `Cannot read the configuration: its reader ended with ${how}`);
}

function refused(file: string, message: string): ReadResult {
  return { ok: false, problems: [{ file, line: 0, message, severity: "error" }] };
}
