// One timer of Node, and few looks at the time, for thousands of alarms: a timeout for each would keep the garbage
// collector busy, and a look at the time is a system call where there is no vDSO.

import { openAlarmQueue } from "./alarm-queue.ts";
import { type Clock, nowMs as now, timeoutClock } from "./clock.ts";

/** An alarm that is so late waits one more turn of the loop, so that what has arrived is handled before "nothing came". */
const LATE_MS = 20;

/**
 * What is due within one grain of time rings together, at its end. For those that ring it is all the same moment.
 * `beforeRing`: a clock that rings late rings after what came in time was heard.
 */
export function openSharedClock(grainMs: number, beforeRing: () => void = () => {}): Clock {
  const timer = timeoutClock.alarm(() => {
    if (now() - armedMs > LATE_MS) setImmediate(ring);
    else ring();
  });
  let armedMs = Infinity;
  let ringingMs: number | undefined;
  const queue = openAlarmQueue((atMs) => {
    // While they ring there is one look at the end.
    if (ringingMs === undefined && atMs < armedMs) arm();
  });

  function arm(): void {
    const nextMs = Math.ceil(queue.nextMs() / grainMs) * grainMs;
    if (nextMs === armedMs) return;
    armedMs = nextMs;
    timer.set(nextMs);
  }

  function ring(): void {
    armedMs = Infinity;
    beforeRing();
    ringingMs = now();
    try {
      while (queue.nextMs() <= ringingMs) queue.ringDue(ringingMs);
    } finally {
      ringingMs = undefined;
      arm();
    }
  }

  return { nowMs: () => ringingMs ?? now(), alarm: queue.alarm };
}
