// The priority that counts in the election: the base and what tracked objects add to it.

import { PRIORITY_OWNER } from "./model.ts";

const PRIORITY_MIN = 1;
const PRIORITY_MAX = 254;

/** Between 1 and 254, as keepalived; the address owner's 255 never moves. */
export function effectivePriority(base: number, deltas: readonly number[]): number {
  if (base === PRIORITY_OWNER) return base;
  const sum = deltas.reduce((total, delta) => total + delta, base);
  return Math.min(Math.max(sum, PRIORITY_MIN), PRIORITY_MAX);
}
