// One timer of Node for thousands of alarms: a timeout for each would keep the garbage collector busy.

import { newEntry, openAlarmQueue } from "./alarm-queue.ts";
import { type Clock, nowMs, timeoutClock } from "./clock.ts";

/** What is due within one grain of time rings together, at its end. */
export function openSharedClock(grainMs: number): Clock {
  const queue = openAlarmQueue();
  const timer = timeoutClock.alarm(ring);
  let armedMs = Infinity;

  function arm(atMs: number): void {
    const nextMs = Math.ceil(atMs / grainMs) * grainMs;
    if (nextMs === armedMs) return;
    armedMs = nextMs;
    timer.set(nextMs);
  }

  function ring(): void {
    armedMs = -Infinity; // whatever is set while ringing waits for the one look at the end
    const now = nowMs();
    for (const entry of queue.takeDue(now)) {
      if (entry.atMs > now) continue; // put off or switched off by one that rang before it
      entry.atMs = Infinity;
      entry.ring();
    }
    arm(queue.nextMs());
  }

  return {
    nowMs,
    alarm(onRing) {
      const entry = newEntry(onRing);
      return {
        set(atMs) {
          queue.set(entry, atMs);
          if (atMs < armedMs) arm(atMs);
        },
      };
    },
  };
}
