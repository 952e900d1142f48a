// duet stop: asks the running duet to end, and waits until it is gone.

import { readFileSync } from "node:fs";
import { delayMs, nowMs } from "../lib/clock.ts";
import { runDirOf } from "../lib/run-dir.ts";
import { ask } from "./ask.ts";
import {
  EXIT_FAILED,
  EXIT_NOT_RUNNING,
  EXIT_OK,
  EXIT_USAGE,
  parseOptions,
  RUN_DIR_OPTION,
} from "./options.ts";

const GONE_LIMIT_MS = 10_000;
const LOOK_AGAIN_MS = 20;

/** Exit 0 gone, 1 refused or still there after 10 s, 2 usage, 3 not running. */
export async function runStop(args: readonly string[]): Promise<number> {
  const options = parseOptions("stop", args, RUN_DIR_OPTION);
  if (options === undefined) return EXIT_USAGE;
  const runDir = runDirOf(options["run-dir"]);
  // Before asking: the file goes away with the daemon, and its number may be given to another process.
  const pid = readPid(`${runDir}/duet.pid`);
  const identity = pid === undefined ? undefined : processIdentity(pid);
  const code = await ask("stop", runDir);
  if (code === EXIT_NOT_RUNNING && identity !== undefined) {
    console.error(
      `duet stop: process ${pid} of duet.pid lives without a control socket: see kill -TERM ${pid}`,
    );
  }
  if (code !== EXIT_OK || pid === undefined || identity === undefined) return code;
  if (await isGone(pid, identity)) return EXIT_OK;
  console.error(`duet stop: process ${pid} is still there after ${GONE_LIMIT_MS} ms`);
  return EXIT_FAILED;
}

async function isGone(pid: number, identity: string): Promise<boolean> {
  const untilMs = nowMs() + GONE_LIMIT_MS;
  while (processIdentity(pid) === identity) {
    if (nowMs() > untilMs) return false;
    await delayMs(LOOK_AGAIN_MS);
  }
  return true;
}

function readPid(path: string): number | undefined {
  try {
    const text = readFileSync(path, "utf8").trim();
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Start time in ticks, which no later process of the same pid shares; undefined when it is gone or a zombie. proc(5). */
export function processIdentity(pid: number): string | undefined {
  const stat = readStat(pid);
  // Field 2 is the name in parentheses, in which anything may stand: count from the last one.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  const [state] = fields;
  const startTime = fields[22 - 3];
  return state === undefined || state === "Z" || state === "X" ? undefined : startTime;
}

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
}
