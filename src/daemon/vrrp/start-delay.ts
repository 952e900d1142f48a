// Holds every election back after a start or a boot, while switches, routes and firewalls are not ready. Counted from
// the start of duet, not of this process: a vrrp role that is started again does not wait again.

import type { StartDelayConfig } from "../../config/model.ts";
import { type Clock, uptimeMs } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";

export type Waiting = {
  /** The keys that are waited for, or what has to be known first: "vrrp_startup_delay", "track_script:nginx". */
  readonly for: readonly string[];
  readonly left_ms: number;
};

export type StartDelay = {
  /** The first call begins the delay; a later one changes it while it lasts, and begins none. */
  readonly configure: (config: StartDelayConfig) => void;
  /** null = elections may be held. */
  readonly waiting: () => Waiting | null;
  readonly close: () => void;
};

export function openStartDelay(parts: {
  readonly clock: Clock;
  readonly log: Log;
  /** When duet started, in milliseconds since the boot; NaN = now. */
  readonly startedUptimeMs: number;
  /** It has passed; not called when configure() ends it. */
  readonly onOver: () => void;
}): StartDelay {
  const { clock, log, onOver } = parts;
  const bootAtMs = clock.nowMs() - uptimeMs();
  const startedAtMs = Number.isNaN(parts.startedUptimeMs)
    ? clock.nowMs()
    : bootAtMs + parts.startedUptimeMs;
  let untilMs = Infinity;
  let key = "";
  const alarm = clock.alarm(() => {
    untilMs = -Infinity;
    log.info({ key }, "start delay over, elections begin");
    onOver();
  });

  function configure({ startupMs, afterBootMs }: StartDelayConfig): void {
    if (untilMs === -Infinity) return;
    const startUntilMs = startedAtMs + startupMs;
    const bootUntilMs = bootAtMs + afterBootMs;
    const before = untilMs;
    untilMs = Math.max(startUntilMs, bootUntilMs);
    key = bootUntilMs > startUntilMs ? "vrrp_delay_after_boot" : "vrrp_startup_delay";
    const leftMs = untilMs - clock.nowMs();
    if (leftMs > 0) {
      alarm.set(untilMs);
      if (before !== untilMs) log.info({ key, left_ms: Math.round(leftMs) }, "elections wait");
      return;
    }
    alarm.set(Infinity);
    untilMs = -Infinity;
  }

  return {
    configure,
    waiting() {
      const leftMs = untilMs - clock.nowMs();
      return untilMs === -Infinity
        ? null
        : { for: [key], left_ms: Math.max(0, Math.round(leftMs)) };
    },
    close: () => alarm.set(Infinity),
  };
}
