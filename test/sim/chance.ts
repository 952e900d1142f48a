// All chance of a simulated life comes from one seed, and all its time from here.

/** mulberry32: 0 up to 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Time = {
  readonly nowMs: () => number;
  /** Returns what calls it off. */
  readonly at: (atMs: number, happen: () => void) => () => void;
  /** `after` looks at the world after each thing that happened. */
  readonly runUntil: (atMs: number, after: () => void) => void;
};

type Happening = { readonly atMs: number; readonly happen: () => void };

export function openTime(): Time {
  const coming = new Set<Happening>();
  let nowMs = 0;

  function earliest(): Happening | undefined {
    let first: Happening | undefined;
    for (const each of coming) if (first === undefined || each.atMs < first.atMs) first = each;
    return first;
  }

  return {
    nowMs: () => nowMs,
    at(atMs, happen) {
      const mine = { atMs: Math.max(nowMs, atMs), happen };
      coming.add(mine);
      return () => void coming.delete(mine);
    },
    runUntil(atMs, after) {
      for (let next = earliest(); next && next.atMs <= atMs; next = earliest()) {
        coming.delete(next);
        nowMs = next.atMs;
        next.happen();
        after();
      }
      nowMs = atMs;
    },
  };
}
