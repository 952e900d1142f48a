// Parts of [global]: adverts and announcements, the firewall, scheduling, IPVS as a whole.

import { lvsSysctl, lvsTimeouts, syncDaemon } from "../director/ipvs-lines.ts";
import { interfaceName, multicastGroup } from "../schema/addresses.ts";
import { mirrored } from "../schema/inherit.ts";
import {
  bool,
  duration,
  HOUR_MS,
  INT32_MAX,
  integer,
  oneOf,
  path,
  plainWord,
} from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { advertRows, announceRows, electionRows } from "../vrrp/keys-instance.ts";
import { SPACING } from "../vrrp/keys-trackers.ts";
import { vmacPrefix } from "../vrrp/vmac-lines.ts";

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

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const globalAnnounceRows = {
  ...mirrored(announceRows),
  vrrp_min_garp: { type: bool, default: "no", doc: "One gratuitous ARP and no second burst where nothing else is said" },
  vrrp_garp_interval: { field: "garpMs", type: SPACING, default: "0",
    doc: "Pause between two gratuitous ARP packets on one interface, for switches that drop a burst; 0 = none" },
  vrrp_gna_interval: { field: "gnaMs", type: SPACING, default: "0", doc: "The same between two unsolicited neighbour advertisements (IPv6)" },
} as const;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const globalElectionRows = {
  vrrp_startup_delay: { field: "startupMs", type: duration({ minMs: 0, maxMs: HOUR_MS }), default: "0",
    doc: "After a start no instance takes part in an election for so long, whatever its priority, and adverts are not listened to" },
  vrrp_delay_after_boot: { field: "afterBootMs", type: duration({ minMs: 0, maxMs: HOUR_MS }), default: "0",
    doc: "The same, counted from the boot of the machine; the longer one holds" },
  ...mirrored(electionRows),
} as const;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const firewallRows = {
  nftables: { field: "table", type: plainWord, default: "duet",
    doc: "Name of the nftables table (family inet) for no_accept, there while an instance needs it; no other may have the name" },
  nftables_priority: { field: "priority", type: integer(-INT32_MAX, INT32_MAX), otherwise: "101 on the way in and -101 on the way out, around IPVS (keepalived: -1, where IPVS gets nothing)", example: "-1",
    doc: "Priority of its chains" },
  nftables_counters: { field: "counters", type: bool, default: "no", doc: "Its rules count what they drop" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const vmacGlobalRows = {
  vmac_prefix: { type: vmacPrefix, default: "vrrp",
    doc: "What the names of virtual interfaces begin with that use_vmac and use_ipvlan do not name" },
  vmac_addr_prefix: { type: vmacPrefix, otherwise: "vmac_prefix", example: "vrrp",
    doc: "The same for those that use_vmac_addr makes" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const vrrpSchedulingRows = {
  vrrp_rt_priority: { field: "rtPriority", type: integer(1, 99), otherwise: "none, like other processes", example: "50",
    doc: "Real-time priority (SCHED_RR) of the vrrp process, so that a busy machine does not delay adverts; BFD sessions live in it too" },
  vrrp_priority: { field: "nice", type: integer(-20, 19), otherwise: "as duet was started", example: "-10",
    doc: "Nice value of the vrrp process" },
  vrrp_cpu_affinity: { field: "cpus", type: integer(0, 1023), list: true, example: "0",
    doc: "A processor that the vrrp process may run on; without any it is all that duet may use" },
  // keepalived's default of 10 ms is less than what a start takes here.
  vrrp_rlimit_rttime: { field: "rttimeUs", type: integer(2, 1_000_000_000), otherwise: "no limit", example: "1000000",
    doc: "Microseconds that the vrrp process may work at real-time priority without a pause before the kernel ends it; the guardian then replaces it" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const checkerSchedulingRows = {
  checker_rt_priority: { field: "rtPriority", type: integer(1, 99), otherwise: "none, like other processes", example: "10",
    doc: "Real-time priority (SCHED_RR) of the process that checks real servers" },
  checker_priority: { field: "nice", type: integer(-20, 19), otherwise: "as duet was started", example: "5", doc: "Nice value of that process" },
  checker_cpu_affinity: { field: "cpus", type: integer(0, 1023), list: true, example: "1", doc: "A processor that it may run on" },
  checker_rlimit_rttime: { field: "rttimeUs", type: integer(2, 1_000_000_000), otherwise: "no limit", example: "1000000",
    doc: "Microseconds that it may work at real-time priority without a pause" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const latenessRows = {
  min_auto_priority_delay: { type: duration({ minMs: 1, maxMs: 10_000 }), otherwise: "the shortest advert_int, 1 at most", example: "0.1",
    doc: "From how late on a timer of the vrrp process is told in the log: it is the first sign of a split (keepalived writes microseconds)" },
  max_auto_priority: { field: "maxAutoPriority", type: integer(0, 99), default: "0",
    doc: "The real-time priority of the vrrp process goes up by one with every such timer, up to this; 0 = it does not" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const lvsRows = {
  lvs_sync_daemon: { type: syncDaemon, refers: "vrrp_instance", otherwise: "none", example: "eth1 id 51",
    doc: "Connection sync: with an INSTANCE the master daemon while that is MASTER and the backup daemon else, without one both (dual master). id: that of the instance's VRID, else 0" },
  lvs_timeouts: { field: "timeouts", type: lvsTimeouts, otherwise: "as they are", example: "tcp 900 tcpfin 120 udp 300",
    doc: "How long the kernel keeps the entry of a silent connection; put back at a stop" },
  lvs_sysctl: { field: "sysctls", type: lvsSysctl, list: true, unique: "here", example: "expire_nodest_conn 1",
    doc: "A setting of net.ipv4.vs while duet runs; put back at a stop, and after a crash" },
  lvs_ip_forward: { field: "ipForward", type: bool, default: "yes",
    doc: "NAT needs net.ipv4.ip_forward: yes = it is set while a NAT service is there, no = such a service is refused where it is off" },
  lvs_drift: { field: "drift", type: oneOf("repair", "report"), default: "repair",
    doc: "What somebody else does to duet's services: put right within a second, or only told in the log and status" },
  lvs_flush: { field: "flush", type: bool, default: "no",
    doc: "At the start of duet all services go that are not configured, whoever made them; those that are configured are adopted" },
  lvs_flush_on_stop: { type: oneOf("no", "yes", "VS", "nothing"), default: "no",
    doc: "What a stop removes: yes = all services, whoever made them; no and VS = those of duet; nothing = they serve on, unchecked, until the next start adopts them" },
} as const satisfies Record<string, KeySpec>;

/** Of [global]. keepalived has the first three since 2.3.3, and the version since 2.2.8. */
// biome-ignore format: a table, a row a key
export const dumpRows = {
  state_dump_file: { field: "stateFile", type: path, otherwise: "none (duet keepalived: keepalived.data in $TMPDIR or /tmp)", example: "/run/duet/keepalived.data",
    doc: "Where SIGUSR1 has written how each instance is, as keepalived does it" },
  stats_dump_file: { field: "statsFile", type: path, otherwise: "none (duet keepalived: keepalived.stats there)", example: "/run/duet/keepalived.stats",
    doc: "Where SIGUSR2 has written the counters of each instance, as keepalived does it; SIGRTMAX - 1 lets them begin at 0 then" },
  json_dump_file: { field: "jsonFile", type: path, otherwise: "none (duet keepalived: keepalived.json there)", example: "/run/duet/keepalived.json",
    doc: "Where SIGRTMIN + 2 has written both as JSON, as keepalived does it: exporters read it" },
  json_version: { field: "jsonVersion", type: integer(1, 2), default: "1",
    doc: "Form of the JSON: a list of instances (1), as keepalived has it without this key, or an object with the tracked processes too (2)" },
} as const satisfies Record<string, KeySpec>;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const markTableRows = {
  nftables_ipvs: { field: "table", type: plainWord, default: "duet_ipvs",
    doc: "Name of the nftables table (family inet) that makes the marks, there while a virtual server has mark; no other may have the name" },
  nftables_ipvs_priority: { field: "priority", type: integer(-INT32_MAX, INT32_MAX), otherwise: "-150 (mangle), in front of destination NAT (keepalived: -1)", example: "-1",
    doc: "Priority of its chain for packets that come in; what this node sends itself is marked at -150 at the latest, before IPVS" },
} as const satisfies Readonly<Record<string, KeySpec>>;
