// How soon the kernel ends a process when memory runs out: -1000 never, 0 as usual. proc(5), /proc/PID/oom_score_adj.

import { readFileSync, writeFileSync } from "node:fs";

let own: number | undefined;

/** A child inherits the protection of this process, which only the daemon itself deserves: it is as any other from now on. */
export function dropOomProtection(pid: number, parentScore = (own ??= readOwn())): void {
  if (parentScore >= 0) return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "0");
  } catch {
    // It has ended by now.
  }
}

function readOwn(): number {
  return Number(readFileSync("/proc/self/oom_score_adj", "utf8"));
}
