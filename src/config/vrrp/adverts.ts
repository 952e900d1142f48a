// Where the adverts of a virtual router come from and go to: rows, and what they come to.

import type { AdvertWay } from "../../vrrp/model.ts";
import { familyOfInstance, isUnicast } from "../effective.ts";
import { address, interfaceName, multicastGroup, peer } from "../schema/addresses.ts";
import { fieldsOf, type Row } from "../schema/fields.ts";
import { mirrored } from "../schema/inherit.ts";
import { bool, integer, oneOf, yesNo } from "../schema/plain-types.ts";
import type { Draft, Section } from "../schema/section.ts";

// biome-ignore format: a table, a row a key
export const advertRows = {
  mcast_src_ip: { type: address, ignoredWith: { keys: ["unicast_peer", "unicast_fault_no_peer"], why: "adverts to peers have no group" }, otherwise: "an address of the interface (IPv6: the link-local one)", example: "192.0.2.1",
    doc: "Source address of adverts to the multicast group" },
  unicast_src_ip: { type: address, requires: { keys: ["unicast_peer", "unicast_fault_no_peer"], why: "adverts would go to the multicast group (mcast_src_ip is their source; with unicast_fault_no_peer it is a FAULT)" },
    otherwise: "an address of the interface (IPv6: the link-local one)", example: "192.0.2.1",
    doc: "Source address of adverts to unicast_peer[]" },
  unicast_peer: { type: peer, list: true, unique: "here", example: "192.0.2.2",
    doc: "Adverts go to this address instead of the multicast group: ADDRESS [min_ttl N] [max_ttl N]; adverts of this peer with a TTL outside are rejected" },
  // keepalived takes 0 too, and then nothing ever leaves the machine.
  unicast_ttl: { field: "unicastTtl", type: integer(1, 255), default: "255",
    requires: { keys: ["unicast_peer"], why: "adverts to the group have 255", ignored: true },
    doc: "TTL (IPv6: hop limit) of adverts to unicast_peer[]; those to the group always have 255" },
  check_unicast_src: { type: bool, inherits: "vrrp_check_unicast_src", globally: { default: "yes" }, example: "yes",
    doc: "Only unicast_peer[] are heard (keepalived: off unless a TTL is given)" },
  unicast_fault_no_peer: { field: "needsPeer", type: bool, default: "no",
    doc: "Without any unicast_peer[] it is a FAULT until a reload brings one, in place of adverts to the multicast group" },
  mcast_dst_ip: { type: multicastGroup(), ignoredWith: { keys: ["unicast_peer", "unicast_fault_no_peer"], why: "adverts to peers have no group" }, otherwise: "vrrp_mcast_group4 or vrrp_mcast_group6 of [global]", example: "224.0.0.18",
    doc: "Multicast group of the adverts; one virtual_router_id can serve several groups" },
  track_src_ip: { type: bool, default: "yes",
    doc: "A source address that the machine does not have is a FAULT; duet always has it so" },
  v3_checksum_as_v2: { field: "checksumAsV2", type: bool, inherits: "v3_checksum_as_v2", globally: { default: "no" }, example: "no",
    doc: "Checksum of version 3 over IPv4 without the pseudo-header (RFC 9568, Cisco, Juniper); either form is accepted, one of them it must be" },
  strict_mode: { type: bool, inherits: "vrrp_strict", globally: { default: "no" }, example: "no",
    doc: "Only what the RFC knows: keys that go beyond it are overridden or refused, duet check says which. Without accept = yes nobody reaches a master at its virtual addresses" },
  owner_ignore_adverts: { type: bool, inherits: "vrrp_owner_ignore_adverts", globally: { default: "no" }, example: "no",
    doc: "With priority 255, hears nobody (RFC 5798); otherwise one of two owners gives way" },
  skip_check_adv_addr: { type: bool, inherits: "vrrp_skip_check_adv_addr", globally: { default: "no" }, example: "no",
    doc: "The address list of a master is compared with ours once, not with every advert of it" },
  no_virtual_ipaddress: { type: bool, default: "no",
    doc: "There may be no virtual_ipaddress[]: somebody else moves them, such as a notify script that asks a cloud" },
} as const;

/** What holds for the instances that say nothing, and what adverts have to do with the node as a whole. */
// biome-ignore format: a table, a row a key
export const globalAdvertRows = {
  vrrp_mcast_group4: { type: multicastGroup(4), default: "224.0.0.18", doc: "Multicast group of IPv4 adverts" },
  vrrp_mcast_group6: { type: multicastGroup(6), default: "ff02::12", doc: "Multicast group of IPv6 adverts" },
  ...mirrored(advertRows),
  log_unknown_vrids: { type: bool, default: "no",
    doc: "Says in the log when an advert of a virtual router comes that is not configured here" },
  default_interface: { type: interfaceName, otherwise: "none: static_ipaddress needs dev", example: "eth0",
    doc: "Where a static_ipaddress belongs that has no dev" },
  dynamic_interfaces: { type: oneOf("yes", "no", "allow_if_changes"), default: "yes",
    doc: "Interfaces may come later than duet, and change; duet always has it so" },
} as const;

const TTL_MAX = 255;

export function buildWay(section: Section<"vrrp_instance">, draft: Draft): AdvertWay {
  const { unicast_peer, unicast_src_ip, mcast_src_ip, unicast_ttl } = section.values;
  const peers = unicast_peer.map(({ value }) => value);
  const unicast = isUnicast(section);
  return {
    family: familyOfInstance(section),
    source: (unicast ? unicast_src_ip : mcast_src_ip) ?? null,
    group: groupOf(section, draft),
    ...fieldsOf(advertRows, section.values),
    peers: peers.map(({ address, ttlMin, ttlMax }) => ({
      address,
      ttlMin: ttlMin ?? 0,
      ttlMax: ttlMax ?? TTL_MAX,
    })),
    // Without peers it has no meaning.
    unicastTtl: unicast ? unicast_ttl : TTL_MAX,
    // A TTL says whose adverts are meant: as in keepalived, it turns the check on.
    peersOnly:
      unicast &&
      (section.values.check_unicast_src ||
        peers.some(({ ttlMin, ttlMax }) => ttlMin !== null || ttlMax !== null)),
  };
}

export function wayRows(way: AdvertWay): readonly Row[] {
  const { source, group, peers, needsPeer, unicastTtl, peersOnly } = way;
  const rows: readonly Row[] = [["v3_checksum_as_v2", yesNo(way.checksumAsV2)]];
  if (peers.length === 0 && !needsPeer) {
    return [...rows, ["mcast_src_ip", source], ["mcast_dst_ip", group]];
  }
  return [
    ...rows,
    ["unicast_fault_no_peer", yesNo(needsPeer)],
    ["unicast_src_ip", source],
    ...peers.map(({ address, ttlMin, ttlMax }): Row => {
      const limits = {
        ttlMin: ttlMin > 0 ? ttlMin : null,
        ttlMax: ttlMax < TTL_MAX ? ttlMax : null,
      };
      return ["unicast_peer[]", peer.print({ address, ...limits })];
    }),
    ["unicast_ttl", unicastTtl],
    ["check_unicast_src", peersOnly ? "yes" : "no"],
  ];
}

/** Adverts to peers have no group: what is written for one counts for nothing. */
export function groupOf(instance: Section<"vrrp_instance">, draft: Draft): string {
  const key = familyOfInstance(instance) === 6 ? "vrrp_mcast_group6" : "vrrp_mcast_group4";
  if (isUnicast(instance)) return globalAdvertRows[key].default;
  return instance.values.mcast_dst_ip ?? draft.global.values[key];
}
