// The intervals of RFC 5798 §6.1 and, for version 2, RFC 3768 §6.1.

import type { InstanceConfig } from "./model.ts";

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
