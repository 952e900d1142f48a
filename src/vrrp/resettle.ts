// What other settings mean for timers that run: they end as if the settings had been these when they began. Without
// this a master that is told to speak every second would first keep an hour's silence. Pure.

import type { InstanceConfig } from "./model.ts";
import type { State } from "./states.ts";
import { masterDownMs } from "./timers.ts";

/** The state that goes on with `config`. */
export function resettle(config: InstanceConfig, state: State, nowMs: number): State {
  const { advertIntervalMs, version, policy } = config;
  if (state.name === "MASTER") {
    return { ...state, advertAtMs: Math.min(state.advertAtMs, nowMs + advertIntervalMs) };
  }
  if (state.name !== "BACKUP" || state.masterIntervalMs === advertIntervalMs) return state;
  // RFC 5798 §6.1: version 3 has learned its master's interval; version 2 only knows its own.
  if (state.master !== null && version === 3) return state;
  const downMs = masterDownMs(config, advertIntervalMs, policy.downTimerAdverts);
  return { ...state, masterIntervalMs: advertIntervalMs, masterDownAtMs: nowMs + downMs };
}

/**
 * The state of a router that takes the place of a master of this node which has just said goodbye: nobody owns its
 * addresses, so it listens for one advert, not for three. Beyond the RFC, whose routers do not know such a thing.
 */
export function succeed({ advertIntervalMs }: InstanceConfig, state: State, nowMs: number): State {
  if (state.name !== "BACKUP") return state;
  return { ...state, masterDownAtMs: Math.min(state.masterDownAtMs, nowMs + advertIntervalMs) };
}
