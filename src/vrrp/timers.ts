// The intervals of RFC 5798 §6.1 and, for version 2, RFC 3768 §6.1.

import { type InstanceConfig, PRIORITY_OWNER } from "./model.ts";
import type { State } from "./states.ts";

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
 * When a backup takes over at the earliest from a master that says nothing more: one of the best priority that another one may
 * have, which heard the latest advert. `advertAtMs`: when the next one is due.
 */
export function takenOverAtMs(config: InstanceConfig, advertAtMs: number): number {
  const { version, advertIntervalMs, policy } = config;
  const best = { version, priority: policy.bestOther };
  const downMs = masterDownMs(best, advertIntervalMs, policy.downTimerAdverts);
  return advertAtMs - advertIntervalMs + downMs;
}

/**
 * Could a backup have taken over since the latest advert of a master whose process did not run: stopped, starved, a machine that
 * was paused? It must not speak first and look then, or two answer for the addresses. The owner keeps them whatever others do.
 */
export function isStalled(config: InstanceConfig, advertAtMs: number, nowMs: number): boolean {
  if (config.priority === PRIORITY_OWNER) return false;
  return nowMs > takenOverAtMs(config, advertAtMs);
}

/**
 * Did the timer of a backup run out while its process did not run: stopped, starved, a machine that was paused? What was said
 * meanwhile may be lost, as a paused machine hears nothing, so the silence proves nothing.
 */
export function hasOverslept(backup: State & { readonly name: "BACKUP" }, nowMs: number): boolean {
  const { masterDownAtMs, masterIntervalMs, overslept } = backup;
  return overslept !== true && nowMs - masterDownAtMs >= masterIntervalMs;
}

/** For the ticks in which the kernel counts a lease, of 10 ms at the most. With adverts as often as that it has one to spare. */
const LEASE_MARGIN_MS = 20;

/** For a timer that rings late, and the advert after it that renews the lease. */
const SWITCHING_MARGIN_MS = 250;

/** Until when the kernel may answer for the addresses of who is in this state: before anybody else does. -Infinity = not at all. */
export function leaseUntilMs(config: InstanceConfig, state: State): number {
  // A mute backup holds nothing, and says its priority now and then: see mute.ts.
  if (state.name === "BACKUP" && state.mute === true) return state.masterDownAtMs;
  if (state.name !== "MASTER") return -Infinity;
  // Who hands over answers until the successor does, and has said that it goes. After a switchover in vain it answers on.
  const { handsOverUntilMs, switching } = state;
  if (handsOverUntilMs !== undefined)
    return handsOverUntilMs + (switching === undefined ? LEASE_MARGIN_MS : SWITCHING_MARGIN_MS);
  return state.advertAtMs - config.advertIntervalMs + leaseMs(config);
}

/** From an advert on. */
export function leaseMs(config: InstanceConfig): number {
  const marginMs = Math.min(LEASE_MARGIN_MS, 0.4 * config.advertIntervalMs);
  return takenOverAtMs(config, config.advertIntervalMs) - marginMs;
}

/** How long it listens: whoever is master now is heard within one interval. With timer_expired_backup as any backup. */
export function listenMs(config: InstanceConfig): number {
  const { advertIntervalMs, policy } = config;
  return policy.expiredIsBackup
    ? masterDownMs(config, advertIntervalMs, policy.downTimerAdverts)
    : advertIntervalMs + skewMs(config, advertIntervalMs);
}
