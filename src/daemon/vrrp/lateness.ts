// Timers that ring late are the first sign of a split: a master whose adverts are late is taken for dead. They are told,
// and with max_auto_priority this process asks for more of the processor, one step each time.

import type { LatenessConfig } from "../../config/model.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { openSparseLog } from "../process/sparse-log.ts";

export type Lateness = {
  readonly configure: (config: LatenessConfig, rtPriority: number | null) => void;
  readonly late: (lateMs: number) => void;
};

export function openLateness(parts: {
  readonly clock: Clock;
  readonly log: Log;
  readonly setRealTime: (rtPriority: number) => void;
}): Lateness {
  const sparse = openSparseLog(parts.log, parts.clock);
  let config: LatenessConfig = { fromMs: Infinity, maxAutoPriority: 0 };
  let rtPriority = 0;
  let worstMs = 0;

  function raise(): void {
    if (rtPriority >= config.maxAutoPriority) return;
    rtPriority += 1;
    parts.setRealTime(rtPriority);
  }

  return {
    configure(next, configured) {
      config = next;
      rtPriority = configured ?? 0;
    },
    late(lateMs) {
      if (lateMs < config.fromMs) return;
      worstMs = Math.max(worstMs, lateMs);
      raise();
      sparse.tell("late", (to, times) => {
        const late_ms = Math.round(worstMs);
        to.warn(
          { late_ms, times, rt_priority: rtPriority },
          "a timer was late: adverts may be missed",
        );
        worstMs = 0;
      });
    },
  };
}

/**
 * Notices, before anything else is done, that this process did not run for a while. Every wake-up beats; who waited for longer
 * than the shortest time in which a backup takes over looks at its masters first: see isStalled() of vrrp/timers.ts.
 */
export type Pulse = {
  readonly beat: () => void;
  readonly configure: (shortestMs: number) => void;
};

export function openPulse(nowMs: () => number, onGap: () => void): Pulse {
  let lastMs = nowMs();
  let shortestMs = Infinity;
  return {
    beat() {
      const now = nowMs();
      const gapMs = now - lastMs;
      lastMs = now;
      if (gapMs >= shortestMs) onGap();
    },
    configure(next) {
      shortestMs = next;
    },
  };
}
