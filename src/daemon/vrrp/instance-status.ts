// One instance as the status tells it.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { InstanceStatus, NotHeldStatus, OtherMasterStatus } from "../../control/status.ts";
import { type Member, rankOf, standingOf } from "../../vrrp/group.ts";
import type { FaultCause } from "../../vrrp/model.ts";
import { type PriorityPart, priorityWhy } from "../../vrrp/priority.ts";
import type { State } from "../../vrrp/states.ts";
import { masterDownMs } from "../../vrrp/timers.ts";
import type { Counters } from "./counters.ts";
import type { Waiting } from "./start-delay.ts";

export type InstanceNow = {
  readonly config: VrrpInstanceConfig;
  /** What the machine works with: its priority is the effective one. */
  readonly election: VrrpInstanceConfig["vrrp"];
  readonly state: State;
  readonly source: string | undefined;
  readonly since: string;
  readonly cause: string;
  readonly counters: Counters;
  readonly waiting: Waiting | null;
  /** What tracked objects do to the priority. */
  readonly parts: readonly PriorityPart[];
  readonly others: readonly OtherMasterStatus[];
  readonly notHeld: readonly NotHeldStatus[];
  readonly lease: NonNullable<InstanceStatus["lease"]>;
};

export function instanceStatus(now: InstanceNow): InstanceStatus {
  const { config, election, state, source, since, cause, counters, waiting, parts } = now;
  const { vrrp } = config;
  const intervalMs = state.name === "BACKUP" ? state.masterIntervalMs : vrrp.advertIntervalMs;
  const { priority } = election;
  const self = { address: source ?? "", priority };
  const master = state.name === "BACKUP" ? masterOf(state) : null;
  return {
    name: vrrp.name,
    interface: vrrp.interface,
    virtual_interface: config.link?.name ?? null,
    virtual_mac: config.link?.kind === "macvlan" ? config.link.mac : null,
    vrid: vrrp.vrid,
    vrrp_version: vrrp.version,
    state: state.name,
    base_priority: vrrp.priority,
    priority,
    priority_why: priorityWhy(vrrp.priority, parts),
    since,
    cause,
    master: state.name === "MASTER" ? self : master,
    advert_interval_ms: vrrp.advertIntervalMs,
    lease: now.lease,
    master_down_interval_ms: Math.round(
      masterDownMs(election, intervalMs, vrrp.policy.downTimerAdverts),
    ),
    virtual_addresses: config.vips.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
    faults: state.name === "FAULT" ? state.faults : [],
    counters,
    not_held: now.notHeld,
    other_masters: now.others,
    yields: state.name === "BACKUP" && state.yields === true,
    waiting,
  };
}

function masterOf({ master }: State & { readonly name: "BACKUP" }): InstanceStatus["master"] {
  return master === null ? null : { address: master.address, priority: master.priority };
}

/** As its sync group sees it. */
export function memberOf(
  { vrrp, way }: Pick<VrrpInstanceConfig, "vrrp" | "way">,
  state: State,
  faults: readonly FaultCause[],
): Member {
  const rank = rankOf(way.family, vrrp.vrid);
  return { name: vrrp.name, ...standingOf(state), faults, rank };
}
