// The table of keys: how a master says that the addresses are its own. What an instance does not say, [global] does.

import { interfaceName } from "./addresses.ts";
import { bool, DAY_MS, duration, HOUR_MS, integer } from "./plain-types.ts";
import type { SectionSpec } from "./spec.ts";
import { extraIf } from "./values-trackers.ts";

const SPACING = duration({ minMs: 0, maxMs: 60_000 });

/** Of an instance. */
// biome-ignore format: a table, a row a key
export const announceRows = {
  garp_master_delay: { field: "delayMs", type: duration({ minMs: 0, maxMs: DAY_MS }), inherits: "vrrp_garp_master_delay", example: "5",
    doc: "Pause before the second burst of gratuitous ARP after becoming master; 0 = no second burst. Between the two each address is announced once more after 0.1 s and after 1 s, in case that a predecessor was slow to let go" },
  garp_master_repeat: { field: "repeat", type: integer(1, 255), inherits: "vrrp_garp_master_repeat", example: "5",
    doc: "Gratuitous ARP packets of each address in a burst after becoming master" },
  garp_lower_prio_repeat: { field: "lowerRepeat", type: integer(0, 255), otherwise: "vrrp_garp_lower_prio_repeat of [global], or else garp_master_repeat", example: "5",
    doc: "Gratuitous ARP packets in a burst after hearing a master of lower priority (a healed split)" },
  garp_lower_prio_delay: { field: "lowerDelayMs", type: duration({ minMs: 0, maxMs: HOUR_MS }), otherwise: "vrrp_garp_lower_prio_delay of [global], or else garp_master_delay", example: "5",
    doc: "Pause before the second of these bursts; 0 = no second burst" },
  garp_master_refresh: { field: "refreshMs", type: duration({ minMs: 0, maxMs: DAY_MS }), inherits: "vrrp_garp_master_refresh", example: "60",
    doc: "Period of further bursts while master; 0 = none" },
  garp_master_refresh_repeat: { field: "refreshRepeat", type: integer(1, 255), inherits: "vrrp_garp_master_refresh_repeat", example: "1",
    doc: "Gratuitous ARP packets of each address in such a further burst" },
  garp_extra_if: { type: extraIf, inherits: "vrrp_garp_extra_if", example: "60",
    doc: "[all] SECONDS: how often a master announces addresses on its own VMAC when adverts leave by another interface, so that switches do not forget it; with all the addresses on every such interface; 0 = never" },
} as const;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const globalAnnounceRows = {
  vrrp_garp_master_delay: { type: duration({ minMs: 0, maxMs: DAY_MS }), otherwise: "5, or 0 with vrrp_min_garp", example: "5",
    doc: "garp_master_delay of the instances that say none" },
  vrrp_garp_master_repeat: { type: integer(1, 255), otherwise: "5, or 1 with vrrp_min_garp", example: "5",
    doc: "garp_master_repeat of the instances that say none" },
  vrrp_garp_lower_prio_repeat: { type: integer(0, 255), otherwise: "garp_master_repeat", example: "5",
    doc: "garp_lower_prio_repeat of the instances that say none" },
  vrrp_garp_lower_prio_delay: { type: duration({ minMs: 0, maxMs: HOUR_MS }), otherwise: "garp_master_delay", example: "5",
    doc: "garp_lower_prio_delay of the instances that say none" },
  vrrp_garp_master_refresh: { type: duration({ minMs: 0, maxMs: DAY_MS }), default: "0",
    doc: "garp_master_refresh of the instances that say none" },
  vrrp_garp_master_refresh_repeat: { type: integer(1, 255), default: "1",
    doc: "garp_master_refresh_repeat of the instances that say none" },
  vrrp_garp_extra_if: { type: extraIf, default: "0", example: "all 60", doc: "garp_extra_if of the instances that say none" },
  vrrp_min_garp: { type: bool, default: "no", doc: "One gratuitous ARP and no second burst where nothing else is said" },
  vrrp_garp_interval: { field: "garpMs", type: SPACING, default: "0",
    doc: "Pause between two gratuitous ARP packets on one interface, for switches that drop a burst; 0 = none" },
  vrrp_gna_interval: { field: "gnaMs", type: SPACING, default: "0", doc: "The same between two unsolicited neighbour advertisements (IPv6)" },
} as const;

// biome-ignore format: a table, a row a key
export const garpGroupKeys = {
  doc: "Interfaces on which announcements share one pace, because they end in one switch",
  labels: ["NAME"],
  example: "garp_group.uplinks",
  keys: {
    interface: { field: "interfaces", type: interfaceName, list: true, required: true, example: "eth0",
      doc: "An interface of the group; it is in one group at most" },
    garp_interval: { field: "garpMs", type: SPACING, default: "0", doc: "Pause between two gratuitous ARP packets on all of them together" },
    gna_interval: { field: "gnaMs", type: SPACING, default: "0", doc: "The same between two unsolicited neighbour advertisements (IPv6)" },
  },
} as const satisfies SectionSpec;
