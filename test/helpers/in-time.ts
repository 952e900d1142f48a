// A limit that a busy machine does not move: it is told by the same timers as what it limits.

import { nowMs, timeoutClock } from "../../src/lib/clock.ts";

/** Rejects when `limitMs` are over from now on. Where both are due after a stall, what is due first is first. */
export async function inTime<T>(promise: Promise<T>, limitMs: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const alarm = timeoutClock.alarm(() => reject(new Error(`${what}: no end in ${limitMs} ms`)));
    alarm.set(nowMs() + limitMs);
    void promise.then(resolve, reject).finally(() => alarm.set(Infinity));
  });
}
