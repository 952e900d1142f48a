// A master that hears a lower one says so to whoever wants to know: once a second, not once an advert.

import type { Event } from "../control/events.ts";
import { wallTime } from "../lib/clock.ts";

const TOLD_EVERY_MS = 1000;

export type LowerHeard = {
  readonly heard: (lower: {
    /** Of the instance that is master here. */
    readonly name: string;
    readonly priority: number;
    readonly source: string;
    readonly theirPriority: number;
  }) => void;
};

export function openLowerHeard(nowMs: () => number, tell: (event: Event) => void): LowerHeard {
  let toldMs = -Infinity;
  return {
    heard({ name, priority, source, theirPriority }) {
      if (nowMs() - toldMs < TOLD_EVERY_MS) return;
      toldMs = nowMs();
      tell({
        kind: "rx_lower_priority",
        at: wallTime(),
        instance: name,
        priority,
        source,
        their_priority: theirPriority,
      });
    },
  };
}
