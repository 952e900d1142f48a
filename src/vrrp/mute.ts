// A master whose own adverts do not leave: a firewall (EPERM), a full queue (ENOBUFS). The RFCs are silent; keepalived logs the
// error and stays MASTER, whoever else becomes one.
//
// What is decided here, by the law of one owner. After a master-down interval without a single advert any living backup has
// taken over. Is it heard, we answer, and let go when that does not leave either, whatever its priority is. Is nobody heard, the
// other one is dead or cannot be seen: we stay, for a single director with a bad firewall must not take the addresses away
// from all who use them; `duet status` says it. As a backup we do not preempt a lower master unless an
// advert leaves first ("knock"): it costs nobody anything, and when the firewall is repaired it goes as any loser does. A
// lower master that falls silent, or says that it goes, is succeeded as ever.

import type { InstanceConfig } from "./model.ts";
import type { Action, Input, Lower, Master, State } from "./states.ts";
import { masterDownMs } from "./timers.ts";
import { advertise, backupOf, downMs, leave, type Result } from "./transitions.ts";

type Backup = State & { readonly name: "BACKUP" };
type MasterState = State & { readonly name: "MASTER" };

/** Adverts of a master fail, or leave again. */
export function masterMay(
  config: InstanceConfig,
  state: MasterState,
  input: Input & { readonly type: "sent" | "unsent" },
): Result {
  const { leftMs: _leftMs, over, ...speaking } = state;
  if (input.type === "sent") {
    const announce: Action = { type: "announce", why: "lower-priority" };
    return { state: speaking, actions: over === undefined ? [] : [announce] };
  }
  if (over !== undefined) return giveWay(config, state, over, input.nowMs);
  return { state: { ...state, leftMs: input.leftMs }, actions: [] };
}

/** Has nobody heard us for so long that who speaks now has every right to? */
export function isUnheard(config: InstanceConfig, { leftMs }: MasterState, nowMs: number): boolean {
  const { version, advertIntervalMs, policy } = config;
  const best = { version, priority: policy.bestOther };
  const limitMs = masterDownMs(best, advertIntervalMs, policy.downTimerAdverts);
  return leftMs !== undefined && nowMs - leftMs > limitMs;
}

/** Another master is heard, and an advert of ours says whether it may hear of us. */
export function trySpeaking(
  config: InstanceConfig,
  state: MasterState,
  over: Master,
  nowMs: number,
): Result {
  const { state: next, actions } = advertise(config, state, nowMs);
  return { state: { ...next, over }, actions };
}

function giveWay(
  config: InstanceConfig,
  state: MasterState,
  winner: Master,
  nowMs: number,
): Result {
  const isLower = config.preempt && winner.priority < config.priority;
  const lower: Lower | null = isLower ? { ...winner, cause: "lower_master_preempted" } : null;
  const backup: Backup = {
    ...backupOf(config, nowMs, config.advertIntervalMs, winner),
    lower,
    mute: true,
  };
  return leave(state, backup, "adverts_not_sent", [], winner);
}

/** Says our priority once, and comes back after another master-down interval. */
export function knock(config: InstanceConfig, state: Backup, nowMs: number): Result {
  const masterDownAtMs = nowMs + downMs(config, state.masterIntervalMs);
  const advert: Action = { type: "send-advert", priority: config.priority };
  return { state: { ...state, masterDownAtMs }, actions: [advert] };
}
