// A log for what strangers can cause: the first of a kind is told at once, the others as one line a minute.

import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";

export type SparseLog = {
  /** `write` gets how many there were since the last line, this one included. */
  readonly tell: (kind: string, write: (log: Log, times: number) => void) => void;
  /** What was not told yet stays untold. */
  readonly close: () => void;
};

const AGAIN_MS = 60_000;
/** Kinds may carry what a stranger sent: beyond these, all are one. */
const KINDS_MAX = 100;
const OTHERS = "others";

type Kind = { saidAtMs: number; times: number; write: (log: Log, times: number) => void };

export function openSparseLog(log: Log, clock: Clock, kindsMax = KINDS_MAX): SparseLog {
  const kinds = new Map<string, Kind>();
  let dueMs = Infinity;
  const summary = clock.alarm(() => {
    const nowMs = clock.nowMs();
    dueMs = Infinity;
    for (const kind of kinds.values()) {
      if (kind.times === 0) continue;
      if (nowMs - kind.saidAtMs >= AGAIN_MS) say(kind, nowMs);
      else arm(kind);
    }
  });

  function say(kind: Kind, nowMs: number): void {
    kind.write(log, kind.times);
    kind.saidAtMs = nowMs;
    kind.times = 0;
  }

  /** Once for all that wait: a flood sets no alarm with every packet. */
  function arm({ saidAtMs }: Kind): void {
    if (saidAtMs + AGAIN_MS >= dueMs) return;
    dueMs = saidAtMs + AGAIN_MS;
    summary.set(dueMs);
  }

  return {
    tell(name, write) {
      const nowMs = clock.nowMs();
      const key = kinds.has(name) || kinds.size < kindsMax ? name : OTHERS;
      const kind = kinds.get(key) ?? { saidAtMs: -Infinity, times: 0, write };
      kinds.set(key, kind);
      kind.times += 1;
      kind.write = write;
      if (nowMs - kind.saidAtMs >= AGAIN_MS) say(kind, nowMs);
      else arm(kind);
    },
    close: () => summary.set(Infinity),
  };
}
