// What keepalived's dump files say of one instance in the same words: addresses, commands. Pure.

import type { Config, VrrpInstanceConfig } from "../../../config/model.ts";
import type { InstanceCounters, InstanceStatus, Status } from "../../../control/status.ts";
import { splitWords } from "../../../lib/words.ts";
import type { Vip } from "../../../vip/model.ts";
import { AUTH_FAILURES } from "../../../vrrp/accept.ts";

/** An instance as it is configured, and as it is. */
export type Dumped = { readonly config: VrrpInstanceConfig; readonly status: InstanceStatus };

/** In the order of the file; what a reload has just brought, and nobody knows of yet, is left out. */
export function dumpedOf({ vrrpInstances }: Config, { vrrp_instances }: Status): readonly Dumped[] {
  const known = new Map(vrrp_instances.map((status) => [status.name, status]));
  return vrrpInstances.flatMap((config) => {
    const status = known.get(config.vrrp.name);
    return status === undefined ? [] : [{ config, status }];
  });
}

/** As keepalived numbers them. */
export const STATES: readonly InstanceStatus["state"][] = ["INIT", "BACKUP", "MASTER", "FAULT"];

/** The interface that adverts leave by. */
export function interfaceOf({ vrrp, link }: VrrpInstanceConfig): string {
  return link?.name ?? vrrp.interface;
}

/** "10.0.0.1/24 dev eth0 scope global set": the last word says that it is held. */
export function addressText(vip: Vip, { config, status }: Dumped): string {
  const { address, prefixLength, broadcast, label, peer } = vip;
  const isInet6 = address.includes(":");
  const length = prefixLength === (isInet6 ? 128 : 32) ? "" : `/${prefixLength}`;
  const place = peer === undefined ? `${address}${length}` : `${address} peer ${peer}${length}`;
  const { link, vrrp, addressLinks } = config;
  const isOwn = vip.interface === link?.name;
  const below = isOwn
    ? vrrp.interface
    : addressLinks.find(({ name }) => name === vip.interface)?.below;
  const device = below === undefined ? vip.interface : `${vip.interface}@${below}`;
  const isHeld =
    status.state === "MASTER" &&
    !(status.not_held ?? []).some(({ what }) => what.split(/[/ ]/)[0] === address);
  return [
    place,
    broadcast === null ? "" : `brd ${broadcast}`,
    `dev ${device}`,
    `scope ${vip.scope}`,
    label === null ? "" : `label ${label}`,
    isInet6 ? `preferred_lft ${preferredText(vip)}` : "",
    isHeld ? "set" : "",
  ]
    .filter((word) => word !== "")
    .join(" ");
}

function preferredText({ preferredLftS, prefixLength }: Vip): string {
  if (preferredLftS === undefined) return prefixLength === 128 ? "0" : "forever";
  return preferredLftS === null ? "forever" : String(preferredLftS);
}

/** "'/etc/notify.sh' 'master'" */
export function commandText(command: string): string {
  const split = splitWords(command);
  return (split.ok ? split.words : [command]).map((word) => `'${word}'`).join(" ");
}

/** The names of keepalived's counters. */
export type Counts = {
  readonly advert_rcvd: number;
  readonly advert_sent: number;
  readonly become_master: number;
  readonly release_master: number;
  readonly packet_len_err: number;
  readonly advert_interval_err: number;
  readonly ip_ttl_err: number;
  readonly invalid_type_rcvd: number;
  readonly addr_list_err: number;
  readonly invalid_authtype: number;
  readonly authtype_mismatch: number;
  readonly auth_failure: number;
  readonly pri_zero_rcvd: number;
  readonly pri_zero_sent: number;
};

export function countsOf(counters: InstanceCounters): Counts {
  const { rejected } = counters;
  const sum = (...reasons: readonly string[]): number =>
    reasons.reduce((total, reason) => total + (rejected[reason] ?? 0), 0);
  return {
    advert_rcvd: counters.adverts_received,
    advert_sent: counters.adverts_sent,
    become_master: counters.became_master,
    release_master: counters.released_master,
    packet_len_err: sum("length"),
    advert_interval_err: sum("advert_interval"),
    ip_ttl_err: sum("ttl"),
    invalid_type_rcvd: sum("type"),
    addr_list_err: counters.address_list_mismatch,
    // An authentication that no version knows is a mismatch here.
    invalid_authtype: 0,
    authtype_mismatch: sum("auth_type"),
    auth_failure: sum(...AUTH_FAILURES),
    pri_zero_rcvd: counters.priority_zero_received,
    pri_zero_sent: counters.priority_zero_sent,
  };
}
