// One BFD session for tests: a configuration, and what it hears on its way up.

import type { Config, Input } from "../../src/track/bfd.ts";
import type { BfdPacket } from "../../src/wire/bfd.ts";

export const config: Config = {
  minTxMs: 10,
  minRxMs: 10,
  idleTxMs: 1000,
  multiplier: 3,
  passive: false,
};

const theirs: BfdPacket = {
  diagnostic: 0,
  state: "Down",
  poll: false,
  final: false,
  demand: false,
  multiplier: 3,
  myDiscriminator: 77,
  yourDiscriminator: 5,
  desiredMinTxMs: 10,
  requiredMinRxMs: 10,
  requiredMinEchoRxMs: 0,
};

export const start: Input = { type: "start", nowMs: 0, chance: 1, discriminator: 5 };

export function heard(nowMs: number, change: Partial<BfdPacket> = {}): Input {
  return { type: "packet", nowMs, chance: 1, packet: { ...theirs, ...change } };
}

export function timer(nowMs: number, chance = 1): Input {
  return { type: "timer", nowMs, chance };
}

/** Up, and the poll for the quicker pace confirmed. */
export const toUp: readonly Input[] = [
  start,
  heard(1),
  heard(2, { state: "Init" }),
  heard(3, { state: "Up", final: true }),
];
