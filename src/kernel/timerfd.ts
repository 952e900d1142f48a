// Alarms by one timerfd: finer than setTimeout's millisecond and never early. timerfd_create(2).
// Everything due in the same millisecond shares one wake-up.

import { openAlarmQueue } from "../lib/alarm-queue.ts";
import { type Clock, nowMs } from "../lib/clock.ts";
import { check, close, read, timerfdCreate, timerfdSettime } from "./ffi.ts";
import { lookAgain, watch } from "./poll.ts";

const CLOCK_MONOTONIC = 1;
const TFD_NONBLOCK = 0o4000;
const TFD_CLOEXEC = 0o2000000;

export type TimerfdClock = Clock & { readonly close: () => void };

/** `onLate` is told before the alarms of a wake-up ring how late they are; with a busy machine it is some milliseconds. */
export function openTimerfdClock(onLate: (lateMs: number) => void = () => {}): TimerfdClock {
  const fd = check("timerfd_create", timerfdCreate(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  const queue = openAlarmQueue((atMs) => {
    // What moves later is found out when the timer rings for nothing: a backup re-arms at every advert.
    if (Math.ceil(atMs) < armedMs) arm(atMs);
  });
  const expirations = Buffer.alloc(8);
  const spec = Buffer.alloc(32); // struct itimerspec: interval, value
  let armedMs = Infinity;

  /** Up to the next whole millisecond: neighbours ring together, and nothing rings early. */
  function arm(atMs: number): void {
    armedMs = Math.ceil(atMs);
    const waitNs = armedMs === Infinity ? 0 : Math.max(1, Math.round((armedMs - nowMs()) * 1e6));
    spec.writeBigInt64LE(BigInt(Math.floor(waitNs / 1e9)), 16);
    spec.writeBigInt64LE(BigInt(waitNs % 1e9), 24);
    check("timerfd_settime", timerfdSettime(fd, 0, spec, null));
  }

  const watching = watch(fd, () => {
    read(fd, expirations, expirations.length);
    const lateMs = nowMs() - armedMs;
    armedMs = -Infinity; // whatever is set while ringing waits for the one look at the end
    if (lateMs > 0) onLate(lateMs);
    queue.ringDue(nowMs(), lookAgain);
    arm(queue.nextMs());
  });

  return {
    nowMs,
    alarm: queue.alarm,
    close() {
      watching.close();
      close(fd);
    },
  };
}
