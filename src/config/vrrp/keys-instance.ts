// Rows of [vrrp_instance.*]: its adverts, what it holds and announces, when it takes over, and how it proves who it is.

import { addressLine } from "../schema/address-line.ts";
import { address, multicastGroup, peer } from "../schema/addresses.ts";
import { bool, DAY_MS, duration, HOUR_MS, integer, oneOf } from "../schema/plain-types.ts";
import { routeLine, ruleLine } from "../schema/routes.ts";
import type { KeySpec } from "../schema/row.ts";
import { hmacKey, password } from "./hmac-key.ts";
import { extraIf } from "./tracked-lines.ts";
import { ipvlan, vmac } from "./vmac-lines.ts";

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

// biome-ignore format: a table, a row a key
export const heldRows = {
  virtual_ipaddress_excluded: { type: addressLine, list: true, example: "172.17.253.111/24 dev eth0", level: "basic",
    doc: "A further virtual address, of either family, that adverts do not tell; written as virtual_ipaddress" },
  virtual_routes: { type: routeLine, list: true, example: "192.168.100.0/24 via 172.17.253.1 dev eth0",
    doc: "A route that the master has: [TYPE] [to] PREFIX [via A] [dev IF] [src A] [metric N] [table N] [scope S] [proto P] [mtu N] [onlink] [no_track] [nexthop via A dev IF weight N ...]" },
  virtual_rules: { type: ruleLine, list: true, example: "from 172.17.253.110/32 lookup 100 priority 500",
    doc: "A rule that the master has: [not] [from PREFIX] [to PREFIX] [fwmark N[/MASK]] [iif IF] [oif IF] lookup TABLE [priority N] [no_track]; without a priority it counts down from 16384" },
  promote_secondaries: { type: bool, default: "no",
    doc: "While master, the kernel keeps the other addresses of a network when its first one goes (net.ipv4.conf.IF.promote_secondaries), on `interface`; always so where an IPv4 address with a network is held" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of [vrrp_instance.*]. */
// biome-ignore format: a table, a row a key
export const virtualLinkRows = {
  use_vmac: { type: vmac, bare: "yes", otherwise: "no", example: "yes", level: "basic",
    doc: "The virtual router has an interface and a MAC of its own, which clients keep across a failover: yes, or [[name] IF] [MAC] [group N]; IF is vrrp.VRID (IPv6: vrrp6.VRID), MAC 00:00:5e:00:01:VRID (IPv6: 02) where not written, and of 5 octets it ends with VRID" },
  vmac_xmit_base: { type: bool, default: "no", requires: { keys: ["use_vmac", "use_ipvlan"], why: "adverts leave by the interface itself", ignored: true },
    doc: "With use_vmac or use_ipvlan, adverts leave by the interface below, with its MAC; always so with unicast_peer[]" },
  use_vmac_addr: { type: bool, default: "no",
    doc: "Virtual addresses on another interface than `interface`, or of the other family, have an interface with the virtual MAC there too: vrrp.VRID (IPv6: vrrp6.VRID), or vrrp1.VRID and up where that is taken; use_vmac on the line of an address does it for that one" },
  use_ipvlan: { type: ipvlan, bare: "yes", excludes: "use_vmac", otherwise: "no", example: "yes",
    doc: "As use_vmac, with the MAC of the interface below, for networks that let no other pass: yes, or [[name] IF] [ADDRESS[/LENGTH]] [bridge|private|vepa] [group N]; ADDRESS is the source of adverts" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of [vrrp_instance.*]. */
// biome-ignore format: a table, a row a key
export const acceptRows = {
  accept: { type: bool, otherwise: "yes", example: "yes", doc: "A master answers at its virtual addresses" },
  no_accept: { type: bool, opposes: "accept", otherwise: "no", example: "yes",
    doc: "The opposite of accept: nobody reaches a master at its virtual addresses, it only forwards for them (nftables drops the rest; IPVS services and neighbour discovery work)" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of an instance. */
// biome-ignore format: a table, a row a key
export const announceRows = {
  garp_master_delay: { field: "delayMs", type: duration({ minMs: 0, maxMs: DAY_MS }), inherits: "vrrp_garp_master_delay", globally: { otherwise: "5, or 0 with vrrp_min_garp" }, example: "5",
    doc: "Pause before the second burst of gratuitous ARP after becoming master; 0 = no second burst. Between the two each address is announced once more after 0.1 s and after 1 s, in case that a predecessor was slow to let go" },
  garp_master_repeat: { field: "repeat", type: integer(1, 255), inherits: "vrrp_garp_master_repeat", globally: { otherwise: "5, or 1 with vrrp_min_garp" }, example: "5",
    doc: "Gratuitous ARP packets of each address in a burst after becoming master" },
  garp_lower_prio_repeat: { field: "lowerRepeat", type: integer(0, 255), inherits: "vrrp_garp_lower_prio_repeat", otherwise: "vrrp_garp_lower_prio_repeat of [global], or else garp_master_repeat", globally: { otherwise: "garp_master_repeat" }, example: "5",
    doc: "Gratuitous ARP packets in a burst after hearing a master of lower priority (a healed split)" },
  garp_lower_prio_delay: { field: "lowerDelayMs", type: duration({ minMs: 0, maxMs: HOUR_MS }), inherits: "vrrp_garp_lower_prio_delay", otherwise: "vrrp_garp_lower_prio_delay of [global], or else garp_master_delay", globally: { otherwise: "garp_master_delay" }, example: "5",
    doc: "Pause before the second of these bursts; 0 = no second burst" },
  garp_master_refresh: { field: "refreshMs", type: duration({ minMs: 0, maxMs: DAY_MS }), inherits: "vrrp_garp_master_refresh", globally: { default: "0" }, example: "60",
    doc: "Period of further bursts while master; 0 = none" },
  garp_master_refresh_repeat: { field: "refreshRepeat", type: integer(1, 255), inherits: "vrrp_garp_master_refresh_repeat", globally: { default: "1" }, example: "1",
    doc: "Gratuitous ARP packets of each address in such a further burst" },
  garp_extra_if: { type: extraIf, inherits: "vrrp_garp_extra_if", globally: { default: "0", example: "all 60" }, example: "60",
    doc: "[all] SECONDS: how often a master announces addresses on its own VMAC when adverts leave by another interface, so that switches do not forget it; with all the addresses on every such interface; 0 = never" },
} as const;

/** Of an instance. */
// biome-ignore format: a table, a row a key
export const electionRows = {
  preempt_delay: { field: "preemptDelayMs", type: duration({ minMs: 0, maxMs: HOUR_MS }), default: "0",
    doc: "How long a master of lower priority is left alone after it was first heard; a dead one is not waited for" },
  down_timer_adverts: { field: "downTimerAdverts", type: integer(1, 100), inherits: "vrrp_down_timer_adverts", globally: { default: "3" }, example: "3",
    doc: "Missed adverts before the master is given up; 3 in the RFC" },
  learned_advert_int_max: { field: "learnsTimes", type: integer(0, 255), inherits: "vrrp_learned_advert_int_max",
    globally: { default: "4", doc: "learned_advert_int_max of the instances that say none. With 4 a backup waits for a master that is up to 12 times slower than itself, so a change of advert_int by ten, one node after the other, takes nothing away" }, example: "4",
    doc: "A master's advert interval (version 3) is learned up to so many times advert_int, or one forged advert with 40.95 s would leave the addresses without a master for two minutes; 0 = any (RFC 5798, keepalived). With auth_hmac there is no limit" },
  lower_prio_no_advert: { type: bool, inherits: "vrrp_lower_prio_no_advert", globally: { default: "no" }, example: "no",
    doc: "A master says nothing to an advert of lower priority (RFC 5798) instead of answering at once (RFC 9568)" },
  higher_prio_send_advert: { field: "saysFarewell", type: bool, inherits: "vrrp_higher_prio_send_advert", globally: { default: "yes" }, example: "yes",
    doc: "A master that steps down says its priority once more, so that the winner announces itself again" },
  timer_expired_backup: { type: integer(1, 254), otherwise: "254, and it listens for one advert_int", example: "254", aliases: ["thread_timer_expired"],
    doc: "Highest priority of another node: a master that did not run for so long that it must have taken over lets its addresses go without an advert, and waits like every backup (keepalived: with nopreempt only, else it goes on as master)" },
} as const;

const ofKey = { keys: ["auth_hmac_key"], why: "write auth_hmac_key[] = ID KEY" } as const;

// biome-ignore format: a table, a row a key
export const authRows = {
  auth_type: { type: oneOf("PASS"), requires: { keys: ["auth_pass"], why: "it is the password" }, otherwise: "PASS where there is an auth_pass", example: "PASS",
    doc: "Authentication of version 2: PASS, a password in clear" },
  auth_pass: { type: password, otherwise: "none", example: "s3cret",
    doc: "Password of version 2, up to 8 bytes, the same on both nodes; it keeps strangers' mistakes out, not attackers" },
  auth_hmac_key: { type: hmacKey, list: true, unique: "here", example: "1 file:/etc/duet/vrrp.key",
    doc: "Key of signed adverts (keepalived 2.4.2 and later): ID KEY, with an ID from 1 to 255 and a KEY of 32 to 64 bytes as text, as hex:DIGITS, or as file:PATH that holds one of them and is nobody else's to read" },
  auth_hmac_active_key: { type: integer(1, 255), requires: ofKey, otherwise: "it has to be written where there is a key", example: "1",
    doc: "ID of the key that signs; all keys are accepted, so keys can be changed node by node" },
  auth_hmac_anti_replay: { type: oneOf("time", "monotonic"), requires: ofKey, default: "time",
    doc: "time refuses adverts from outside of the time window; monotonic only those older than the last one, for clocks that disagree" },
  auth_hmac_time_window: { type: duration({ minMs: 1000, maxMs: 300_000, wholeSeconds: true }), requires: ofKey, otherwise: "three times advert_int, 5 seconds at least", example: "5",
    doc: "How far apart the clocks of the nodes may be, and how old an advert may be" },
  auth_hmac_mode: { type: oneOf("enforce", "permissive", "receive-only"), requires: ofKey, default: "enforce",
    doc: "enforce takes signed adverts only; permissive unsigned ones as well; receive-only as well, and does not sign: the three steps of a migration, backwards" },
} as const;
