// Which alarm is next, among thousands that are put off again and again: a backup does so at every advert. Putting
// off costs nothing: the old place in the queue stays, and is looked at again when its time has come. Pure.

import { place, type Timed, takeFirst } from "./heap.ts";

export type Entry = {
  /** Infinity = not set. */
  atMs: number;
  /** Its place in the queue: never later than atMs; Infinity = it has none. */
  queuedMs: number;
  readonly ring: () => void;
};

export type AlarmQueue = {
  readonly set: (entry: Entry, atMs: number) => void;
  /** When to look again: a time that may turn out to be one of the past, never one that is too late. */
  readonly nextMs: () => number;
  /** Takes out what is due, in the order of time. */
  readonly takeDue: (nowMs: number) => readonly Entry[];
};

type Place = Timed & { readonly entry: Entry };

export function newEntry(ring: () => void): Entry {
  return { atMs: Infinity, queuedMs: Infinity, ring };
}

export function openAlarmQueue(): AlarmQueue {
  const heap: Place[] = [];
  let order = 0;

  function queue(entry: Entry): void {
    entry.queuedMs = entry.atMs;
    order += 1;
    place(heap, { atMs: entry.atMs, order, entry });
  }

  return {
    set(entry, atMs) {
      entry.atMs = atMs;
      if (atMs < entry.queuedMs) queue(entry);
    },
    nextMs: () => heap[0]?.atMs ?? Infinity,
    takeDue(nowMs) {
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
    },
  };
}
