// The table of keys: services by firewall mark, and the marks that duet makes itself.

import { INT32_MAX, integer, name } from "./plain-types.ts";
import type { KeySpec } from "./spec.ts";
import { mark } from "./values-marks.ts";

/** Of [virtual_server.*]. */
// biome-ignore format: a table, a row a key
export const markRows = {
  fwmark: { type: integer(1, 2 ** 32 - 1), otherwise: "address or group is needed", example: "99",
    doc: "In place of address: the service is every packet with this firewall mark, made by mark or by hand" },
  mark: { type: mark, list: true, example: "172.17.253.110:443 tcp",
    doc: "With fwmark: duet gives the mark to packets to ADDRESS:PORT or ADDRESS:FIRST-LAST, tcp where nothing else is said" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const markTableRows = {
  nftables_ipvs: { field: "table", type: name, default: "duet_ipvs",
    doc: "Name of the nftables table (family inet) that makes the marks, there while a virtual server has mark; no other may have the name" },
  nftables_ipvs_priority: { field: "priority", type: integer(-INT32_MAX, INT32_MAX), otherwise: "-150 (mangle), in front of destination NAT (keepalived: -1)", example: "-1",
    doc: "Priority of its chain for packets that come in; what this node sends itself is marked at -150 at the latest, before IPVS" },
} as const satisfies Readonly<Record<string, KeySpec>>;
