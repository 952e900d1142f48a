// Notices that this process did not run for a while: stopped, starved, or busy with something else. A server that was
// not listened to meanwhile has not failed, nor has a script. Pure but for its clock.

import type { Clock } from "./clock.ts";

export type Pauses = {
  /** There is something that a pause would disturb. */
  readonly watch: () => void;
  /** When the last pause was over; -Infinity = there was none. */
  readonly lastMs: () => number;
  readonly close: () => void;
};

const PULSE_MS = 100;
/** What a busy machine is late by every day, and no server's time is as short. */
const LATE_MS = 100;

/** Looks for as long as `isBusy`; `onPause` is told how long it took. */
export function openPauses(
  clock: Clock,
  isBusy: () => boolean,
  onPause: (pauseMs: number) => void,
): Pauses {
  let dueMs = Infinity;
  let lastMs = -Infinity;
  const alarm = clock.alarm(() => {
    look();
    arm(isBusy() ? clock.nowMs() + PULSE_MS : Infinity);
  });

  function arm(atMs: number): void {
    dueMs = atMs;
    alarm.set(atMs);
  }

  /** Whoever wakes up first may ask before the alarm rings. */
  function look(): void {
    const nowMs = clock.nowMs();
    const lateMs = nowMs - dueMs;
    if (lateMs <= LATE_MS) return;
    lastMs = nowMs;
    arm(nowMs + PULSE_MS);
    onPause(lateMs);
  }

  return {
    watch() {
      if (dueMs === Infinity) arm(clock.nowMs() + PULSE_MS);
    },
    lastMs() {
      look();
      return lastMs;
    },
    close: () => arm(Infinity),
  };
}
