// The simulated wire: packets are late, lost, told twice, overtake each other, and whole halves are cut off.

import type { Time } from "./chance.ts";

export type Wire = {
  /** To every other router: each packet has a fate of its own. `stream`: what keeps its order. */
  readonly send: (from: number, stream: number, arrive: (to: number) => void) => void;
  /** Cuts or heals the wire between each two routers of different halves. */
  readonly cut: (half: readonly number[], isCut: boolean) => void;
  /** The part of the packets that get lost, and that arrive twice, from now on. */
  readonly lose: (part: number) => void;
  readonly repeat: (part: number) => void;
};

export function openWire(options: {
  readonly time: Time;
  readonly random: () => number;
  readonly routers: number;
  readonly delayMaxMs: number;
  /** Ethernet keeps the packets of one sender in order; a wire that does not is worse than any real one. */
  readonly reorders: boolean;
}): Wire {
  const { time, random, delayMaxMs } = options;
  const everybody = Array.from({ length: options.routers }, (_, i) => i);
  const cuts = new Set<string>();
  const lastArrivalMs = new Map<string, number>();
  let losePart = 0;
  let repeatPart = 0;

  function deliver(to: number, stream: string, arrive: (to: number) => void): void {
    const earliestMs = options.reorders ? 0 : (lastArrivalMs.get(stream) ?? 0);
    const atMs = Math.max(time.nowMs() + random() * delayMaxMs, earliestMs);
    lastArrivalMs.set(stream, atMs);
    time.at(atMs, () => arrive(to));
  }

  return {
    send(from, stream, arrive) {
      for (const to of everybody) {
        const lost = random() < losePart || cuts.has(`${from} ${to}`);
        const twice = random() < repeatPart;
        if (to === from || lost) continue;
        deliver(to, `${from} ${to} ${stream}`, arrive);
        if (twice) deliver(to, `${from} ${to} ${stream}`, arrive);
      }
    },
    cut(half, isCut) {
      for (const a of everybody) {
        for (const b of everybody) {
          if (half.includes(a) === half.includes(b)) continue;
          if (isCut) cuts.add(`${a} ${b}`);
          else cuts.delete(`${a} ${b}`);
        }
      }
    },
    lose: (part) => void (losePart = part),
    repeat: (part) => void (repeatPart = part),
  };
}
