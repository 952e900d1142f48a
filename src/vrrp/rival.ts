// Two owners of the same addresses: a mistake of the operator, and two masters for ever if nobody gives way. The one with
// the lower address does so at once, as with any equal priority. Where it does not (it may hear nobody, as RFC 5798 §7.1
// has it, or not hear us) the other one goes, as in keepalived since 2.3.3. Pure.

import { type InstanceConfig, PRIORITY_OWNER } from "./model.ts";
import type { Input, Rival } from "./states.ts";
import { masterDownMs } from "./timers.ts";

type AdvertInput = Input & { readonly type: "advert" };

/** By then it has heard two of our adverts, and would have gone if it ever did. */
const ADVERTS = 2;
const INTERVALS = ADVERTS + 1.2;

/** What is known of another owner that has to go, with this advert; null = the advert is not of one. */
export function rivalHeard(
  config: InstanceConfig,
  rival: Rival | null,
  { nowMs, priority, source, sourceIsGreater, advertIntervalMs }: AdvertInput,
): Rival | null {
  const bothOwn = priority === PRIORITY_OWNER && config.priority === PRIORITY_OWNER;
  if (!bothOwn || sourceIsGreater) return null;
  const longestMs = Math.max(advertIntervalMs, config.advertIntervalMs);
  const goneMs = masterDownMs(config, longestMs, config.policy.downTimerAdverts);
  if (rival?.address !== source || nowMs - rival.lastMs >= goneMs) {
    return { address: source, sinceMs: nowMs, lastMs: nowMs, adverts: 1 };
  }
  return { ...rival, lastMs: nowMs, adverts: rival.adverts + 1 };
}

/** It stays, so we go. */
export function outstays(
  config: InstanceConfig,
  rival: Rival,
  { nowMs, advertIntervalMs }: AdvertInput,
): boolean {
  const waitMs = INTERVALS * Math.max(config.advertIntervalMs, advertIntervalMs);
  return rival.adverts > ADVERTS && nowMs - rival.sinceMs >= waitMs;
}
