// Writes text to a descriptor in the background, in order, one write at a time: whoever reads the other end may stall
// without stalling this process. What waits is bounded; what does not fit is dropped and counted.

import { write, writeSync } from "node:fs";
import { nowMs, timeoutClock } from "./clock.ts";
import { within } from "./within.ts";

export type BackgroundWriter = {
  readonly write: (text: string) => void;
  /** Resolves when nothing waits any more, or after `limitMs`. */
  readonly idle: (limitMs: number) => Promise<void>;
};

const RETRY_MS = 20;

/** `onDrained` is told how many texts were dropped, once the rest is written. */
export function openBackgroundWriter(options: {
  readonly fd: number;
  readonly waitingMaxBytes: number;
  readonly onDrained: (dropped: number) => void;
}): BackgroundWriter {
  const { fd } = options;
  let waiting: string[] = [];
  let waitingBytes = 0;
  let current: Buffer = Buffer.alloc(0);
  let busy = false;
  /** The system has it, and will write it whatever happens here. */
  let underWay = false;
  let dropped = 0;
  const idlers = new Set<() => void>();
  const retry = timeoutClock.alarm(pump);

  function pump(): void {
    if (current.length === 0) {
      current = Buffer.from(waiting.join(""));
      waiting = [];
      waitingBytes = 0;
    }
    if (current.length === 0) {
      busy = false;
      for (const done of idlers) done();
      idlers.clear();
      tellDropped();
      return;
    }
    underWay = true;
    write(fd, current, (error, written) => {
      underWay = false;
      if (error === null) current = current.subarray(written);
      // A full pipe of somebody who made it non-blocking; any other error: nobody is left to read.
      else if (error.code === "EAGAIN") return retry.set(nowMs() + RETRY_MS);
      else current = Buffer.alloc(0);
      pump();
    });
  }

  function tellDropped(): void {
    if (dropped === 0) return;
    const count = dropped;
    dropped = 0;
    options.onDrained(count);
  }

  // The last words of a process that does not wait for them.
  process.once("exit", () => {
    const rest = (underWay ? "" : current.toString()) + waiting.join("");
    try {
      if (rest !== "") writeSync(fd, rest);
    } catch {
      // Nobody is left to tell.
    }
  });

  return {
    write(text) {
      if (waitingBytes + text.length > options.waitingMaxBytes) {
        dropped += 1;
        return;
      }
      waiting.push(text);
      waitingBytes += text.length;
      if (busy) return;
      busy = true;
      // Not at once: what is said in one go is one write, and a process that exits in the same go keeps its order.
      queueMicrotask(pump);
    },
    async idle(limitMs) {
      if (busy) await within(timeoutClock, limitMs, (done) => void idlers.add(done));
    },
  };
}
