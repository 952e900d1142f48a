// A daemon that goes into the background, as Type=forking of systemd and init scripts have it: this process ends when the
// daemon has written its pid file, or with the daemon's status when it gave up before.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { delayMs } from "../../../lib/clock.ts";
import { findProgram } from "../../../lib/programs.ts";

const LOOK_EVERY_MS = 20;

export async function startInBackground(options: {
  /** Of Node.js. */
  readonly args: readonly string[];
  readonly pidFile: string;
  /** null = the log goes to this process's stderr. */
  readonly syslog: { readonly tag: string; readonly priority: string } | null;
}): Promise<number> {
  const { args, pidFile, syslog } = options;
  // Under systemd stderr is the journal already. A terminal is gone one day.
  const logger = syslog !== null && process.stderr.isTTY ? spawnLogger(syslog) : undefined;
  const child = spawn(process.execPath, [...args], {
    stdio: ["ignore", "ignore", logger?.stdin ?? "inherit"],
    // setsid(2): no terminal's signals reach it.
    detached: true,
  });
  let status: number | undefined;
  child.once("error", (error) => {
    process.stderr.write(`duet: ${error.message}\n`);
    status = 1;
  });
  child.once("exit", (code) => {
    status = code ?? 1;
  });
  while (status === undefined && !names(pidFile, child.pid)) await delayMs(LOOK_EVERY_MS);
  return status ?? 0;
}

/** It lives as long as somebody has the other end of its pipe. */
function spawnLogger({
  tag,
  priority,
}: {
  readonly tag: string;
  readonly priority: string;
}): ChildProcess | undefined {
  const program = findProgram("logger");
  if (program === undefined) return undefined;
  const logger = spawn(program, ["-t", tag, "-p", priority], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  logger.on("error", () => {});
  return logger;
}

function names(pidFile: string, pid: number | undefined): boolean {
  try {
    return readFileSync(pidFile, "utf8").trim() === String(pid);
  } catch {
    return false;
  }
}
