// The intervals of RFC 5798 §6.1 and, for version 2, RFC 3768 §6.1.

import { type InstanceConfig, PRIORITY_OWNER } from "./model.ts";

/**
 * What a backup's timers go by. RFC 5798 §6.4.2 (450) takes over whatever interval a master says: one forged advert with the
 * longest one, 40.95 s, and nobody serves for two minutes. So it is learned up to `learnsTimes` of our own. Of a signed
 * advert it is as it is.
 */
export function learnedIntervalMs(
  { version, advertIntervalMs, auth, policy }: InstanceConfig,
  theirMs: number,
): number {
  if (version === 2 || auth.hmac !== null || policy.learnsTimes === 0) return theirMs;
  return Math.min(theirMs, policy.learnsTimes * advertIntervalMs);
}

type Router = Pick<InstanceConfig, "version" | "priority">;

/**
 * Skew_Time. Version 3: ((256 - priority) * Master_Adver_Interval) / 256; version 2: (256 - priority) / 256 seconds,
 * whatever the interval is.
 */
export function skewMs({ version, priority }: Router, masterIntervalMs: number): number {
  return ((256 - priority) * (version === 2 ? 1000 : masterIntervalMs)) / 256;
}

/** Master_Down_Interval = 3 * Master_Adver_Interval + Skew_Time; keepalived's down_timer_adverts instead of 3. */
export function masterDownMs(
  router: Router,
  masterIntervalMs: number,
  downTimerAdverts = 3,
): number {
  return downTimerAdverts * masterIntervalMs + skewMs(router, masterIntervalMs);
}

/**
 * Could a backup have taken over since the latest advert of a master whose process did not run: stopped, starved, a machine that
 * was paused? It must not speak first and look then, or two answer for the addresses. The owner keeps them whatever others do.
 */
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
