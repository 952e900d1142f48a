// Which alarm is next, among thousands that are put off again and again: a backup does so at every advert. Putting
// off costs nothing: the old place in the queue stays, and is looked at again when its time has come. Pure.

import type { Alarm } from "./clock.ts";

export type AlarmQueue = {
  readonly alarm: (ring: () => void) => Alarm;
  /** When to look again: a time that may turn out to be one of the past, never one that is too late. */
  readonly nextMs: () => number;
  /** Rings what is due, in the order of time. What is set meanwhile waits for the next look. */
  readonly ringDue: (nowMs: number, beforeEach?: () => void) => void;
};

type Entry = {
  /** Infinity = not set. */
  atMs: number;
  /** Its place in the queue: never later than atMs; Infinity = it has none. */
  queuedMs: number;
  /** undefined = not set: it holds nobody any more. */
  ring: (() => void) | undefined;
};

type Place = { readonly atMs: number; readonly order: number; readonly entry: Entry };

/** `onEarlier`: an alarm was set for a time before those that were set. */
export function openAlarmQueue(onEarlier: (atMs: number) => void = () => {}): AlarmQueue {
  const heap: Place[] = [];
  let order = 0;

  function queue(entry: Entry): void {
    entry.queuedMs = entry.atMs;
    order += 1;
    place(heap, { atMs: entry.atMs, order, entry });
  }

  function takeDue(nowMs: number): readonly Entry[] {
    const due: Entry[] = [];
    const putOff: Entry[] = [];
    while (heap[0] !== undefined && heap[0].atMs <= nowMs) {
      const taken = takeFirst(heap);
      // Else it has been set to an earlier time since, and had its turn there.
      if (taken === undefined || taken.atMs !== taken.entry.queuedMs) continue;
      const { entry } = taken;
      entry.queuedMs = Infinity;
      if (entry.atMs <= nowMs) due.push(entry);
      else if (entry.atMs !== Infinity) putOff.push(entry);
    }
    for (const entry of putOff) queue(entry);
    return due.sort((a, b) => a.atMs - b.atMs);
  }

  return {
    alarm(ring) {
      const entry: Entry = { atMs: Infinity, queuedMs: Infinity, ring: undefined };
      return {
        set(atMs) {
          entry.atMs = atMs;
          entry.ring = atMs === Infinity ? undefined : ring;
          if (atMs >= entry.queuedMs) return;
          queue(entry);
          if (heap[0]?.entry === entry) onEarlier(atMs);
        },
      };
    },
    nextMs: () => heap[0]?.atMs ?? Infinity,
    ringDue(nowMs, beforeEach) {
      for (const entry of takeDue(nowMs)) {
        beforeEach?.();
        const { atMs, ring } = entry;
        if (atMs > nowMs) continue; // put off or switched off by one that rang before it
        entry.atMs = Infinity;
        entry.ring = undefined;
        ring?.();
      }
    },
  };
}

/** A binary heap: what is due first stands first, and of the same time what came first. */
function place(heap: Place[], mine: Place): void {
  let at = heap.length;
  for (; at > 0; at = (at - 1) >> 1) {
    const above = heap[(at - 1) >> 1];
    if (above === undefined || isBefore(above, mine)) break;
    heap[at] = above;
  }
  heap[at] = mine;
}

function takeFirst(heap: Place[]): Place | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (last === undefined || last === first) return first;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    const rightFirst = left !== undefined && right !== undefined && isBefore(right, left);
    const below = rightFirst ? right : left;
    if (below === undefined || isBefore(last, below)) break;
    heap[at] = below;
    at = 2 * at + (rightFirst ? 2 : 1);
  }
  heap[at] = last;
  return first;
}

function isBefore(a: Place, b: Place): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
