// One duet a network namespace, and one a run directory.

import { join } from "node:path";
import { takeLock } from "../../kernel/lock.ts";
import { takeNetworkLock } from "../../kernel/network-lock.ts";
import type { Log } from "../../lib/log.ts";
import { unreachable } from "../../lib/unreachable.ts";

/** Until release() or the end of this process; undefined = another duet is here, and the log says so. */
export function beAlone(runDir: string, log: Log): { readonly release: () => void } | undefined {
  const lock = takeLock(join(runDir, "duet.lock"));
  if (!lock.ok) {
    log.fatal({ run_dir: runDir, pid_of_other: Number(lock.holderPid) }, "another duet runs here");
    return undefined;
  }
  const here = takeNetworkLock();
  switch (here.kind) {
    case "taken":
      lock.release();
      log.fatal({ pid_of_other: here.pid }, "another duet runs in this network namespace");
      return undefined;
    case "squatted": {
      const { pid, uid } = here;
      log.warn({ pid, uid }, "the lock of this network namespace is held by what is no duet");
      return lock;
    }
    case "ours":
      return {
        release() {
          here.release();
          lock.release();
        },
      };
    default:
      return unreachable(here);
  }
}

/** Here, with any run directory or none any more, or elsewhere with this one. When there is none, none begins before we end. */
export function runningDuet(runDir: string): string | undefined {
  const here = takeNetworkLock();
  if (here.kind === "taken") {
    const pid = here.pid === null ? "" : `, pid ${here.pid}`;
    return `in this network namespace${pid}`;
  }
  try {
    const lock = takeLock(join(runDir, "duet.lock"));
    if (!lock.ok) return `with pid ${lock.holderPid}`;
    lock.release();
  } catch {
    // No run directory: no duet runs there.
  }
  return undefined;
}
