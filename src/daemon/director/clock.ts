// The clock of the checkers.

import { hearStreams } from "../../kernel/tcp-stream.ts";
import type { Clock } from "../../lib/clock.ts";
import { openSharedClock } from "../../lib/shared-clock.ts";

/** Checks that begin in the same moment share a wake-up, which costs as much as a check. */
const CHECK_GRAIN_MS = 4;

/** A limit that is looked at late is no limit that was missed: what came in time is heard first. */
export function openCheckClock(): Clock {
  return openSharedClock(CHECK_GRAIN_MS, hearStreams);
}
