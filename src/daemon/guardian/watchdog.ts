// Notices a role that lives but does not work: stopped, stalled, in an endless loop. vrrp would keep its addresses while
// the peer takes them too (law 1), the director would go on sending clients to servers that it does not look at.

import type { Clock } from "../../lib/clock.ts";

const LOOK_MS = 250;
/** The guardian itself was late: it cannot tell whose fault the silence is. */
const LATE_MS = 500;

export type Watchdog = {
  readonly fed: () => void;
  /** Nobody to watch until the next feeding. */
  readonly rest: () => void;
};

export function openWatchdog(clock: Clock, silenceMaxMs: number, onSilence: () => void): Watchdog {
  let fedAtMs = Infinity;
  let lookAtMs = Infinity;
  const alarm = clock.alarm(() => {
    const now = clock.nowMs();
    const late = now - lookAtMs > LATE_MS;
    if (late) fedAtMs = now;
    if (now - fedAtMs > silenceMaxMs) {
      fedAtMs = Infinity;
      onSilence();
    }
    lookAgain();
  });

  function lookAgain(): void {
    lookAtMs = fedAtMs === Infinity ? Infinity : clock.nowMs() + LOOK_MS;
    alarm.set(lookAtMs);
  }

  return {
    fed() {
      const resting = fedAtMs === Infinity;
      fedAtMs = clock.nowMs();
      if (resting) lookAgain();
    },
    rest() {
      fedAtMs = Infinity;
      alarm.set(Infinity);
    },
  };
}
