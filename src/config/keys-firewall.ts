// The table of keys: who may talk to virtual addresses, and the nftables rules for it.

import { bool, INT32_MAX, integer, name } from "./plain-types.ts";
import type { KeySpec } from "./spec.ts";

/** Of [vrrp_instance.*]. */
// biome-ignore format: a table, a row a key
export const acceptRows = {
  accept: { type: bool, otherwise: "yes", example: "yes", doc: "A master answers at its virtual addresses" },
  no_accept: { type: bool, otherwise: "no", example: "yes",
    doc: "The opposite of accept: nobody reaches a master at its virtual addresses, it only forwards for them (nftables drops the rest; IPVS services and neighbour discovery work)" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const firewallRows = {
  nftables: { field: "table", type: name, default: "duet",
    doc: "Name of the nftables table (family inet) for no_accept, there while an instance needs it; no other may have the name" },
  nftables_priority: { field: "priority", type: integer(-INT32_MAX, INT32_MAX), otherwise: "101 on the way in and -101 on the way out, around IPVS (keepalived: -1, where IPVS gets nothing)", example: "-1",
    doc: "Priority of its chains" },
  nftables_counters: { field: "counters", type: bool, default: "no", doc: "Its rules count what they drop" },
} as const satisfies Readonly<Record<string, KeySpec>>;
