// The clock of the checkers, and what is said when it stood still.

import { hearStreams } from "../../kernel/tcp-stream.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { openSharedClock } from "../../lib/shared-clock.ts";
import { openSparseLog } from "../process/sparse-log.ts";

/** Checks that begin in the same moment share a wake-up, which costs as much as a check. */
const CHECK_GRAIN_MS = 4;

/** A limit that is looked at late is no limit that was missed: what came in time is heard first. */
export function openCheckClock(): Clock {
  return openSharedClock(CHECK_GRAIN_MS, hearStreams);
}

export function logPauses(
  log: Log,
  clock: Clock,
): { readonly told: (pauseMs: number) => void; readonly close: () => void } {
  const { tell, close } = openSparseLog(log, clock);
  return {
    told: (pauseMs) =>
      tell("pause", (to, times) =>
        to.warn(
          { for_ms: Math.round(pauseMs), times },
          "the checks stood still: what failed meanwhile is asked again",
        ),
      ),
    close,
  };
}
