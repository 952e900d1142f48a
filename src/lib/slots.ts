// Limits on the probes in flight of all checkers together, and on scripts that have just been started. Those over a limit wait
// in the order they were asked for.
// No Map here: one that fills and empties a thousand times a second keeps the garbage collector busy.

import { AbortFlag } from "./abort.ts";
import type { Clock } from "./clock.ts";
import { Queue } from "./queue.ts";
import type { Turns } from "./turns.ts";

/** One probe of one checker. */
export type Job<Checker> = {
  readonly checker: Checker;
  readonly serial: number;
  readonly signal: AbortFlag;
  phase: "waiting" | "in flight" | "over";
  startedMs: number;
  isYoung: boolean;
};

export type Slots<Checker> = {
  readonly ask: (checker: Checker, serial: number) => Job<Checker>;
  /** It is over; who says so fills the slots that this frees. */
  readonly end: (job: Job<Checker>) => void;
  readonly fill: () => void;
  /** Somebody has a slot, or waits for one. */
  readonly isBusy: () => boolean;
  readonly close: () => void;
};

export type SlotLimits = {
  readonly probesInFlightMax?: number | undefined;
  readonly youngProbesMax?: number | undefined;
  /** Runs what looks who is silent, after all that has arrived was told; left out = at once. */
  readonly later?: (look: () => void) => void;
  /** One begins a turn of the loop; left out = as many as there are slots. */
  readonly turns?: Turns;
};

/** A process takes the loop as long to start as a thousand connections: so many of them that are not YOUNG_MS old. */
export const YOUNG_SCRIPTS_MAX = 4;
/** Probes that work: a burst of thousands would make all of them late. */
const YOUNG_PROBES_MAX = 256;
/** A probe that is older only waits for its server, and is in nobody's way: hosts that are gone delay no other check. */
const YOUNG_MS = 100;
/** Each holds a descriptor or two. */
const PROBES_IN_FLIGHT_MAX = 8192;

export function openSlots<Checker>(
  clock: Clock,
  limits: SlotLimits,
  launch: (job: Job<Checker>) => void,
): Slots<Checker> {
  const { probesInFlightMax = PROBES_IN_FLIGHT_MAX, youngProbesMax = YOUNG_PROBES_MAX } = limits;
  const { later = (look: () => void): void => look(), turns } = limits;
  const waiting = new Queue<Job<Checker>>();
  /** The oldest first; some of them may be over. */
  const started = new Queue<Job<Checker>>();
  let inFlight = 0;
  let young = 0;
  // A director that is late itself would take all of its probes for silent ones, and begin more and more.
  const aging = clock.alarm(() => later(() => fill(true)));

  function fill(mayAge = false): void {
    for (let job = waiting.first(); job !== undefined; job = waiting.first()) {
      if (job.phase === "waiting") {
        if (inFlight >= probesInFlightMax || !hasYoungSlot(mayAge)) return;
        if (turns?.take(goOn) === false) return;
        begin(job);
      } else waiting.shift();
    }
  }

  function goOn(): void {
    fill();
  }

  function begin(job: Job<Checker>): void {
    waiting.shift();
    job.phase = "in flight";
    job.startedMs = clock.nowMs();
    job.isYoung = true;
    inFlight += 1;
    young += 1;
    started.push(job);
    launch(job);
  }

  function hasYoungSlot(mayAge: boolean): boolean {
    dropUntil((job) => job.isYoung);
    if (young < youngProbesMax) return true;
    if (mayAge) {
      const grownUpMs = clock.nowMs() - YOUNG_MS;
      dropUntil((job) => job.isYoung && job.startedMs > grownUpMs);
      if (young < youngProbesMax) return true;
    }
    const oldest = started.first();
    if (oldest !== undefined) aging.set(oldest.startedMs + YOUNG_MS);
    return false;
  }

  function dropUntil(stays: (job: Job<Checker>) => boolean): void {
    for (let job = started.first(); job !== undefined && !stays(job); job = started.first()) {
      grow(job);
      started.shift();
    }
  }

  function grow(job: Job<Checker>): void {
    if (job.isYoung) young -= 1;
    job.isYoung = false;
  }

  return {
    ask(checker, serial) {
      const job: Job<Checker> = {
        checker,
        serial,
        signal: new AbortFlag(),
        phase: "waiting",
        startedMs: 0,
        isYoung: false,
      };
      waiting.push(job);
      fill();
      return job;
    },
    end(job) {
      if (job.phase === "in flight") inFlight -= 1;
      job.phase = "over";
      grow(job);
    },
    fill: () => fill(),
    isBusy: () => inFlight > 0 || waiting.length > 0,
    close() {
      waiting.clear();
      aging.set(Infinity);
    },
  };
}
