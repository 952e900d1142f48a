// A master whose process did not run: stopped, starved, a machine that was paused. The others heard nothing and may have
// elected one of them. It must not speak first and look then: two would answer for the addresses. Pure.

import { type InstanceConfig, PRIORITY_OWNER } from "./model.ts";
import { masterDownMs, skewMs } from "./timers.ts";

/** Could a backup have taken over since the latest advert? The owner keeps its addresses whatever the others do. */
export function isStalled(config: InstanceConfig, advertAtMs: number, nowMs: number): boolean {
  const { priority, version, advertIntervalMs, policy } = config;
  if (priority === PRIORITY_OWNER) return false;
  const best = { version, priority: policy.bestOther };
  const silentMs = nowMs - (advertAtMs - advertIntervalMs);
  return silentMs > masterDownMs(best, advertIntervalMs, policy.downTimerAdverts);
}

/** How long it listens: whoever is master now is heard within one interval. With timer_expired_backup as any backup. */
export function listenMs(config: InstanceConfig): number {
  const { advertIntervalMs, policy } = config;
  return policy.expiredIsBackup
    ? masterDownMs(config, advertIntervalMs, policy.downTimerAdverts)
    : advertIntervalMs + skewMs(config, advertIntervalMs);
}
