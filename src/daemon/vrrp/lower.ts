// A master that hears a lower one says so to whoever wants to know, once a second, not once an advert; and says it once more
// when the other one is gone.

import type { Event } from "../../control/events.ts";
import { type Clock, wallTime } from "../../lib/clock.ts";
import { drive } from "../../lib/drive.ts";
import * as split from "../../vrrp/split.ts";

const TOLD_EVERY_MS = 1000;

export type LowerHeard = {
  readonly heard: (lower: {
    /** Of the instance that is master here. */
    readonly name: string;
    readonly priority: number;
    readonly source: string;
    readonly theirPriority: number;
    readonly theirIntervalMs: number;
  }) => void;
  /** It said priority 0: there was another master. */
  readonly leaves: (source: string, theirIntervalMs: number) => void;
  /** As BACKUP. */
  readonly heardMaster: (source: string) => void;
  readonly becameMaster: () => void;
  readonly left: () => void;
  readonly close: () => void;
};

export function openLowerHeard(
  clock: Clock,
  parts: {
    readonly tell: (event: Event) => void;
    /** As often as that. */
    readonly onTold: () => void;
    /** A lower master was there, and is gone. */
    readonly onWon: () => void;
  },
): LowerHeard {
  const { nowMs } = clock;
  let toldMs = -Infinity;
  const contest = drive<null, split.SplitState, split.SplitInput, split.SplitAction>({
    engine: split,
    config: null,
    state: split.UNDIVIDED,
    clock,
    timerInput: (at) => ({ type: "timer", nowMs: at }),
    perform: (): undefined => {
      parts.onWon();
    },
  });
  return {
    heard({ name, priority, source, theirPriority, theirIntervalMs }) {
      contest.give({ type: "lower", nowMs: nowMs(), source, intervalMs: theirIntervalMs });
      if (nowMs() - toldMs < TOLD_EVERY_MS) return;
      toldMs = nowMs();
      parts.tell({
        kind: "rx_lower_priority",
        at: wallTime(),
        instance: name,
        priority,
        source,
        their_priority: theirPriority,
      });
      parts.onTold();
    },
    leaves: (source, intervalMs) =>
      contest.give({ type: "lower", nowMs: nowMs(), source, intervalMs }),
    heardMaster: (source) => contest.give({ type: "heard", source }),
    becameMaster: () => contest.give({ type: "master", nowMs: nowMs() }),
    left: () => contest.give({ type: "left" }),
    close: () => contest.stop(),
  };
}
