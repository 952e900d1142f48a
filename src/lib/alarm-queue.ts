// Which alarm is next, among thousands that are put off again and again: a backup does so at every advert. Putting
// off costs nothing: the old place in the queue stays, and is looked at again when its time has come. Pure.

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

type Place = { readonly atMs: number; readonly order: number; readonly entry: Entry };

export function newEntry(ring: () => void): Entry {
  return { atMs: Infinity, queuedMs: Infinity, ring };
}

export function openAlarmQueue(): AlarmQueue {
  /** A binary heap, the earliest first. */
  const heap: Place[] = [];
  let order = 0;

  function place(entry: Entry): void {
    entry.queuedMs = entry.atMs;
    order += 1;
    const mine = { atMs: entry.atMs, order, entry };
    let at = heap.length;
    for (; at > 0; at = (at - 1) >> 1) {
      const above = heap[(at - 1) >> 1];
      if (above === undefined || isBefore(above, mine)) break;
      heap[at] = above;
    }
    heap[at] = mine;
  }

  function takeFirst(): Place | undefined {
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

  return {
    set(entry, atMs) {
      entry.atMs = atMs;
      if (atMs < entry.queuedMs) place(entry);
    },
    nextMs: () => heap[0]?.atMs ?? Infinity,
    takeDue(nowMs) {
      const due: Entry[] = [];
      const putOff: Entry[] = [];
      while (heap[0] !== undefined && heap[0].atMs <= nowMs) {
        const taken = takeFirst();
        // Else it has been set to an earlier time since, and had its turn there.
        if (taken === undefined || taken.atMs !== taken.entry.queuedMs) continue;
        const { entry } = taken;
        entry.queuedMs = Infinity;
        if (entry.atMs <= nowMs) due.push(entry);
        else if (entry.atMs !== Infinity) putOff.push(entry);
      }
      for (const entry of putOff) place(entry);
      return due.sort((a, b) => a.atMs - b.atMs);
    },
  };
}

function isBefore(a: Place, b: Place): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
