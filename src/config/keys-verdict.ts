// The table of keys: what the checks of a real server make of it.

import { integer, path } from "./plain-types.ts";
import type { KeySpec } from "./spec.ts";

export const WEIGHT_MAX: number = 2 ** 31 - 1;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const maintenanceRows = {
  maintenance_dir: { type: path, aliases: ["maintenancedir"], otherwise: "none", example: "/etc/duet/maintenance",
    doc: "A file here takes a real server out, with weight 0, as long as it is there: ADDRESS[:PORT] ([ADDRESS]:PORT for IPv6), NAME, VS.NAME, or HOST[:PORT], a host name that resolves to its address" },
} as const satisfies Record<string, KeySpec>;

/** Of real servers, and of virtual servers for those that say nothing. */
// biome-ignore format: a table, a row a key
export const verdictKeys = {
  check_quorum: { type: integer(1, 1000), otherwise: "all", example: "1",
    doc: "How many checks of a real server must be UP for it to be UP" },
  weight_min: { type: integer(0, WEIGHT_MAX), otherwise: "0", example: "1",
    doc: "Least weight that checks can give a real server themselves" },
  weight_max: { type: integer(0, WEIGHT_MAX), otherwise: "2147483647", example: "100",
    doc: "Greatest weight that checks can give a real server" },
} as const satisfies Record<string, KeySpec>;
