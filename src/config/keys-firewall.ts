// The table of keys: who may talk to virtual addresses, and the nftables rules for it.

import { INT32_MAX, integer } from "./key-types.ts";
import type { KeySpec } from "./spec.ts";

/** Of [vrrp_instance.*]. */
export const acceptRows = {
  accept: {
    type: { kind: "bool" },
    otherwise: "yes",
    example: "yes",
    level: "advanced",
    doc: "A master answers at its virtual addresses",
  },
  no_accept: {
    type: { kind: "bool" },
    otherwise: "no",
    example: "yes",
    level: "advanced",
    doc: "The opposite of accept: nobody reaches a master at its virtual addresses, it only forwards for them (nftables drops the rest; IPVS services and neighbour discovery work)",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of [global]. */
export const firewallRows = {
  nftables: {
    type: { kind: "name" },
    default: "duet",
    level: "advanced",
    doc: "Name of the nftables table (family inet) for no_accept, there while an instance needs it; no other may have the name",
  },
  nftables_priority: {
    type: integer(-INT32_MAX, INT32_MAX),
    otherwise:
      "101 on the way in and -101 on the way out, around IPVS (keepalived: -1, where IPVS gets nothing)",
    example: "-1",
    level: "advanced",
    doc: "Priority of its chains",
  },
  nftables_counters: {
    type: { kind: "bool" },
    default: "no",
    level: "advanced",
    doc: "Its rules count what they drop",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;
