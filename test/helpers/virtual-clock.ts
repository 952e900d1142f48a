// A clock whose time moves only by hand: a minute of an engine takes no time.

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
  const dueMs = new Map<() => void, number>();

  function earliest(untilMs: number): (() => void) | undefined {
    let first: (() => void) | undefined;
    let firstMs = untilMs;
    for (const [ring, atMs] of dueMs) {
      if (atMs < firstMs || (first === undefined && atMs <= firstMs)) {
        first = ring;
        firstMs = atMs;
      }
    }
    return first;
  }

  function ringAll(untilMs: number, isLate: boolean): void {
    if (isLate) nowMs = untilMs;
    for (let ring = earliest(untilMs); ring !== undefined; ring = earliest(untilMs)) {
      nowMs = Math.max(nowMs, dueMs.get(ring) ?? nowMs);
      dueMs.delete(ring);
      ring();
    }
    nowMs = untilMs;
  }

  return {
    clock: {
      nowMs: () => nowMs,
      alarm(ring) {
        // Two alarms may share one function: the key is this alarm's own.
        const key = (): void => ring();
        return {
          set(atMs) {
            dueMs.delete(key);
            if (atMs !== Infinity) dueMs.set(key, atMs);
          },
        };
      },
    },
    advance: (ms) => ringAll(nowMs + ms, false),
    stall: (ms) => ringAll(nowMs + ms, true),
  };
}
