// When a backup preempts a lower master. RFC 9568 §6.4.2 does not listen to it, so that the timer runs out at any moment between two
// of its adverts, and who takes over then knows nothing of the time since the last one. Was the other one stopped or killed
// meanwhile, its kernel answers for the addresses until its lease is over, and there are two owners for so long.
//
// Against the RFC: a backup takes over on the heels of an advert, when the lower master is known to live and hears us at once. It is
// the last one before the timer would run out, or else the next; without one, a master-down interval after the latest, when
// the lease of the other one is over. Pure.

import type { InstanceConfig } from "./model.ts";
import type { Input, State } from "./states.ts";
import { skewMs } from "./timers.ts";
import { downMs, livingLower, type Result } from "./transitions.ts";

type Backup = State & { readonly name: "BACKUP" };
type AdvertInput = Input & { readonly type: "advert" };

/** Of several backups that follow the same advert the best one is first, as Skew_Time has it; and soon. */
const SKEW_PART = 1 / 10;

/** The timer has run out; null = nothing is to be waited for. */
export function awaitLower(config: InstanceConfig, state: Backup, nowMs: number): Result | null {
  const lower = livingLower(config, state, nowMs);
  if (lower === null || state.preempting === true) return null;
  const masterDownAtMs = lower.heardMs + downMs(config, state.masterIntervalMs);
  return { state: { ...state, masterDownAtMs, preempting: true }, actions: [] };
}

/**
 * A lower master was heard that is to be preempted. A mute backup knocks first, in its own time; one that did not run has to listen for
 * all of its time, as what it hears at first may be old.
 */
export function follow(config: InstanceConfig, state: Backup, advert: AdvertInput): Backup {
  if (state.mute || (state.overslept && !state.preempting)) return state;
  const { masterDownAtMs, masterIntervalMs } = state;
  const { nowMs, advertIntervalMs } = advert;
  const isLast = nowMs + Math.min(advertIntervalMs, masterIntervalMs) >= masterDownAtMs;
  if (!isLast && state.preempting !== true) return state;
  const soonMs = nowMs + skewMs(config, masterIntervalMs) * SKEW_PART;
  return { ...state, masterDownAtMs: Math.min(masterDownAtMs, soonMs), preempting: true };
}
