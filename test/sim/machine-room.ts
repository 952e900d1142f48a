// The machine that a simulated router runs on: a clock that gains or loses, and a process that may be stalled. What
// comes while it is stalled waits, packets in a buffer of a certain size, and is worked off as epoll(7) tells it: of
// socket and timer the one that had something first, with all that it has.

import type { Clock } from "../../src/lib/clock.ts";
import type { Time } from "./chance.ts";

export type MachineRoom = {
  readonly clock: Clock;
  /** Now, or when it is no longer stalled. */
  readonly hear: (work: () => void) => void;
  readonly stall: () => void;
  readonly resume: () => void;
  readonly isStalled: () => boolean;
  /** What waits is forgotten: the process is gone. */
  readonly reset: () => void;
};

const BUFFERED_MAX = 30;

export function openMachineRoom(options: {
  readonly time: Time;
  /** How fast its clock runs: 1.01 gains a hundredth. */
  readonly rate: number;
  readonly startMs: number;
}): MachineRoom {
  const { time, rate, startMs } = options;
  let stalled = false;
  let rangMs = startMs; // a rounded time must not ring a moment too early
  let heard: (() => void)[] = [];
  let heardFirst = false;
  const due = new Set<() => void>();

  return {
    clock: {
      nowMs: () => Math.max(rangMs, startMs + rate * time.nowMs()),
      alarm(ring) {
        let callOff = (): void => {};
        return {
          set(atMs) {
            callOff();
            callOff = () => {};
            if (atMs === Infinity) return;
            const now = (): void => {
              rangMs = Math.max(rangMs, atMs);
              ring();
            };
            const forget = time.at((atMs - startMs) / rate, () => {
              if (stalled) due.add(now);
              else now();
            });
            callOff = () => {
              forget();
              due.delete(now);
            };
          },
        };
      },
    },
    hear(work) {
      if (!stalled) work();
      else if (heard.length < BUFFERED_MAX) {
        heardFirst ||= heard.length === 0 && due.size === 0;
        heard.push(work);
      }
    },
    stall: () => void (stalled = true),
    resume() {
      stalled = false;
      const packets = heard;
      heard = [];
      const hearAll = (): void => packets.forEach((work) => work());
      if (heardFirst) hearAll();
      for (const ring of due) if (due.delete(ring)) ring();
      if (!heardFirst) hearAll();
      heardFirst = false;
    },
    isStalled: () => stalled,
    reset() {
      stalled = false;
      heard = [];
      heardFirst = false;
      due.clear();
    },
  };
}
