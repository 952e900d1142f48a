// One timer of Node, and few looks at the time, for thousands of alarms: a timeout for each would keep the garbage
// collector busy, and a look at the time is a system call where there is no vDSO.

import { type Clock, nowMs as now, timeoutClock } from "./clock.ts";
import { place, type Timed, takeFirst } from "./heap.ts";

/** Without a ring it has been switched off, and holds nobody any more. */
type Entry = Timed & { ring: (() => void) | undefined };

/** Who rings so much later than it should lets one turn of the loop pass: what has arrived is told before that nothing has. */
const LATE_MS = 20;

/**
 * What is due within one grain of time rings together, at its end. For those that ring it is all the same moment.
 * `beforeRing`: a clock that rings late rings after what came in time was heard.
 */
export function openSharedClock(grainMs: number, beforeRing: () => void = () => {}): Clock {
  const heap: Entry[] = [];
  const timer = timeoutClock.alarm(() => {
    if (now() - armedMs > LATE_MS) setImmediate(ring);
    else ring();
  });
  let order = 0;
  let armedMs = Infinity;
  let ringingMs: number | undefined;

  function arm(): void {
    const [first] = heap;
    const nextMs = first === undefined ? Infinity : Math.ceil(first.atMs / grainMs) * grainMs;
    if (nextMs === armedMs) return;
    armedMs = nextMs;
    timer.set(nextMs);
  }

  function ring(): void {
    armedMs = Infinity;
    beforeRing();
    ringingMs = now();
    try {
      for (let [first] = heap; first !== undefined && first.atMs <= ringingMs; [first] = heap) {
        takeFirst(heap);
        const { ring: onRing } = first;
        first.ring = undefined;
        onRing?.();
      }
    } finally {
      ringingMs = undefined;
      arm();
    }
  }

  function add(atMs: number, onRing: () => void): Entry {
    order += 1;
    const entry = { atMs, order, ring: onRing };
    place(heap, entry);
    // While they ring there is one look at the end.
    if (ringingMs === undefined && atMs < armedMs) arm();
    return entry;
  }

  return {
    nowMs: () => ringingMs ?? now(),
    alarm(onRing) {
      let entry: Entry | undefined;
      return {
        set(atMs) {
          if (entry !== undefined) entry.ring = undefined;
          entry = atMs === Infinity ? undefined : add(atMs, onRing);
        },
      };
    },
  };
}
