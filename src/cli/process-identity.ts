// Which process a pid stands for now. proc(5), /proc/PID/stat.

import { readFileSync } from "node:fs";

/** Start time in ticks, which no later process of the same pid shares; undefined when it is gone or a zombie. */
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
