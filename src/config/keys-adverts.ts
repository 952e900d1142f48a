// The table of keys: where the adverts of a virtual router come from and go to.

import { address, interfaceName, multicastGroup, peer } from "./addresses.ts";
import { bool, integer, oneOf } from "./plain-types.ts";

// biome-ignore format: a table, a row a key
export const advertRows = {
  mcast_src_ip: { type: address, otherwise: "an address of the interface (IPv6: the link-local one)", example: "192.0.2.1",
    doc: "Source address of adverts to the multicast group" },
  unicast_src_ip: { type: address, otherwise: "an address of the interface (IPv6: the link-local one)", example: "192.0.2.1",
    doc: "Source address of adverts to unicast_peer[]" },
  unicast_peer: { type: peer, list: true, example: "192.0.2.2",
    doc: "Adverts go to this address instead of the multicast group: ADDRESS [min_ttl N] [max_ttl N]; adverts of this peer with a TTL outside are rejected" },
  // keepalived takes 0 too, and then nothing ever leaves the machine.
  unicast_ttl: { field: "unicastTtl", type: integer(1, 255), default: "255",
    doc: "TTL (IPv6: hop limit) of adverts to unicast_peer[]; those to the group always have 255" },
  check_unicast_src: { type: bool, inherits: "vrrp_check_unicast_src", example: "yes",
    doc: "Only unicast_peer[] are heard (keepalived: off unless a TTL is given)" },
  unicast_fault_no_peer: { field: "needsPeer", type: bool, default: "no",
    doc: "Without any unicast_peer[] it is a FAULT until a reload brings one, in place of adverts to the multicast group" },
  mcast_dst_ip: { type: multicastGroup(), otherwise: "vrrp_mcast_group4 or vrrp_mcast_group6 of [global]", example: "224.0.0.18",
    doc: "Multicast group of the adverts; one virtual_router_id can serve several groups" },
  track_src_ip: { type: bool, default: "yes",
    doc: "A source address that the machine does not have is a FAULT; duet always has it so" },
  v3_checksum_as_v2: { field: "checksumAsV2", type: bool, inherits: "v3_checksum_as_v2", example: "no",
    doc: "Checksum of version 3 over IPv4 without the pseudo-header (RFC 9568, Cisco, Juniper); either form is accepted, one of them it must be" },
  strict_mode: { type: bool, inherits: "vrrp_strict", example: "no",
    doc: "Only what the RFC knows: keys that go beyond it are overridden or refused, duet check says which. Without accept = yes nobody reaches a master at its virtual addresses" },
  owner_ignore_adverts: { type: bool, inherits: "vrrp_owner_ignore_adverts", example: "no",
    doc: "With priority 255, hears nobody (RFC 5798); otherwise one of two owners gives way" },
  skip_check_adv_addr: { type: bool, inherits: "vrrp_skip_check_adv_addr", example: "no",
    doc: "The address list of a master is compared with ours once, not with every advert of it" },
  no_virtual_ipaddress: { type: bool, default: "no",
    doc: "There may be no virtual_ipaddress[]: somebody else moves them, such as a notify script that asks a cloud" },
} as const;

/** What holds for the instances that say nothing, and what adverts have to do with the node as a whole. */
// biome-ignore format: a table, a row a key
export const globalAdvertRows = {
  vrrp_mcast_group4: { type: multicastGroup(4), default: "224.0.0.18", doc: "Multicast group of IPv4 adverts" },
  vrrp_mcast_group6: { type: multicastGroup(6), default: "ff02::12", doc: "Multicast group of IPv6 adverts" },
  v3_checksum_as_v2: { type: bool, default: "no",
    doc: "Checksum of version 3 over IPv4 without the pseudo-header (RFC 9568, Cisco, Juniper), in instances that do not say" },
  vrrp_strict: { type: bool, default: "no", doc: "strict_mode of the instances that do not say" },
  vrrp_owner_ignore_adverts: { type: bool, default: "no", doc: "owner_ignore_adverts of the instances that do not say" },
  vrrp_skip_check_adv_addr: { type: bool, default: "no", doc: "skip_check_adv_addr of the instances that do not say" },
  log_unknown_vrids: { type: bool, default: "no",
    doc: "Says in the log when an advert of a virtual router comes that is not configured here" },
  default_interface: { type: interfaceName, otherwise: "none: static_ipaddress needs dev", example: "eth0",
    doc: "Where a static_ipaddress belongs that has no dev" },
  dynamic_interfaces: { type: oneOf("yes", "no", "allow_if_changes"), default: "yes",
    doc: "Interfaces may come later than duet, and change; duet always has it so" },
} as const;
