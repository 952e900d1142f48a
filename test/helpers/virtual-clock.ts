// A clock whose time moves only by hand: a minute of an engine takes no time.

import { openAlarmQueue } from "../../src/lib/alarm-queue.ts";
import type { Clock } from "../../src/lib/clock.ts";

export type VirtualClock = {
  readonly clock: Clock;
  /** Moves time on; every alarm that is due on the way rings at its own moment, the earliest first. */
  readonly advance: (ms: number) => void;
  /** As a process that does not run for so long: all alarms that are due ring in one wake-up, late. */
  readonly stall: (ms: number) => void;
};

export function virtualClock(startMs = 0): VirtualClock {
  let nowMs = startMs;
  const queue = openAlarmQueue();

  function ringAll(untilMs: number, isLate: boolean): void {
    if (isLate) nowMs = untilMs;
    for (let nextMs = queue.nextMs(); nextMs <= untilMs; nextMs = queue.nextMs()) {
      nowMs = Math.max(nowMs, nextMs);
      queue.ringDue(nowMs);
    }
    nowMs = untilMs;
  }

  return {
    clock: { nowMs: () => nowMs, alarm: queue.alarm },
    advance: (ms) => ringAll(nowMs + ms, false),
    stall: (ms) => ringAll(nowMs + ms, true),
  };
}
