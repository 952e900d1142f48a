// When a role that died is started again: at once the first time, then after 1, 2, 4 … 60 s while it keeps
// dying young. Pure.

import { backoffMs, UP_TO_A_MINUTE } from "../../lib/backoff.ts";

export type Respawn = { readonly restarts: number; readonly youngDeaths: number };

export const NEVER_DIED: Respawn = { restarts: 0, youngDeaths: 0 };

const YOUNG_MS = 60_000;
/** Of an upgrade nobody knows when it is done: it is looked at often, and costs little. */
const UNLOADABLE_DELAY_MAX_MS = 5000;

/**
 * What to remember and how long to wait, after a role died that had lived for `livedMs`. `unloadable`: it did not live, for
 * its files are not there.
 */
export function afterDeath(
  respawn: Respawn,
  livedMs: number,
  unloadable = false,
): { readonly respawn: Respawn; readonly delayMs: number } {
  const youngDeaths = livedMs < YOUNG_MS ? respawn.youngDeaths + 1 : 1;
  const delayMs = youngDeaths === 1 ? 0 : backoffMs(UP_TO_A_MINUTE, youngDeaths - 1);
  if (!unloadable) return { respawn: { restarts: respawn.restarts + 1, youngDeaths }, delayMs };
  const { restarts } = respawn;
  return {
    respawn: { restarts, youngDeaths },
    delayMs: Math.min(delayMs, UNLOADABLE_DELAY_MAX_MS),
  };
}
