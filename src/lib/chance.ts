// Where chance comes from that is nobody's to foretell. Engines and tests are given theirs.

import { randomInt } from "node:crypto";

/** From 0 up to, and not including, 1. */
export function chance(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}

/** A whole number; both ends may come. */
export function wholeChance(first: number, last: number): number {
  return randomInt(first, last + 1);
}
