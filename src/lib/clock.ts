// The one place that reads a clock, and the alarms that engines are driven by.

import { uptime } from "node:os";

export type Alarm = {
  /** Rings once, at or after `atMs`; replaces what was set before; Infinity switches it off. */
  readonly set: (atMs: number) => void;
};

export type Clock = {
  /** Monotonic milliseconds with a fraction; only differences mean something. */
  readonly nowMs: () => number;
  /** An alarm that is not set. `ring` must not throw. */
  readonly alarm: (ring: () => void) => Alarm;
};

export function nowMs(): number {
  return performance.now();
}

/** The wall clock; it may jump. */
export function wallMs(): number {
  return Date.now();
}

/** The wall clock as ISO 8601, for people. */
export function wallTime(): string {
  return new Date().toISOString();
}

/** Wall-clock milliseconds of a past monotonic time, as ISO 8601. */
export function wallTimeOf(atMs: number): string {
  return new Date(Date.now() - (nowMs() - atMs)).toISOString();
}

/** Alarms by setTimeout: millisecond grain, good enough for everything slower than an advert. */
export const timeoutClock: Clock = { nowMs, alarm: openTimeoutAlarm };

/** Since the boot of the machine; a clock that is set does not move it. */
export function uptimeMs(): number {
  return uptime() * 1000;
}

/** Processor time of this process and its threads. A machine that is busy with others moves the clock, and not this. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Waits, for loops that have nothing else to wait for. */
export async function delayMs(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** For what takes a signal as its deadline. It keeps no process alive. */
export function abortAfter(ms: number): AbortSignal {
  return AbortSignal.timeout(ms);
}

const TIMEOUT_MAX_MS = 2 ** 31 - 1;

function openTimeoutAlarm(ring: () => void): Alarm {
  let timeout: NodeJS.Timeout | undefined;
  function set(atMs: number): void {
    clearTimeout(timeout);
    timeout = undefined;
    if (atMs === Infinity) return;
    const waitMs = Math.min(Math.max(0, Math.ceil(atMs - nowMs())), TIMEOUT_MAX_MS);
    // libuv counts from the time its loop last looked at the clock, so it may call too early.
    timeout = setTimeout(() => (nowMs() < atMs ? set(atMs) : ring()), waitMs);
  }
  return { set };
}
