// How often something may be done that strangers can ask for: some times at once, then once in a while. Pure.

export type Rate = { readonly everyMs: number; readonly atOnce: number };

/** Nothing was done yet. */
export const UNSPENT = -Infinity;

/**
 * What to remember in place of `paidUntilMs` when it is done now; undefined = not now. Each time pays for `everyMs`, and
 * at most `atOnce` of them are paid for ahead.
 */
export function spend(
  { everyMs, atOnce }: Rate,
  paidUntilMs: number,
  nowMs: number,
): number | undefined {
  if (nowMs < freeAtMs({ everyMs, atOnce }, paidUntilMs)) return undefined;
  return Math.max(paidUntilMs, nowMs) + everyMs;
}

/** From when on it may be done again. */
export function freeAtMs({ everyMs, atOnce }: Rate, paidUntilMs: number): number {
  return paidUntilMs - (atOnce - 1) * everyMs;
}
