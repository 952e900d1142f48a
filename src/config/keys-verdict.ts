// The table of keys: what the checks of a real server make of it.

import { integer } from "./key-types.ts";
import type { KeySpec } from "./spec.ts";

export const WEIGHT_MAX: number = 2 ** 31 - 1;

/** Of [global]. */
export const maintenanceRows = {
  maintenance_dir: {
    type: { kind: "path" },
    aliases: ["maintenancedir"],
    otherwise: "none",
    example: "/etc/duet/maintenance",
    level: "advanced",
    doc: "A file here takes a real server out, with weight 0, as long as it is there: ADDRESS[:PORT] ([ADDRESS]:PORT for IPv6), NAME, VS.NAME, or HOST[:PORT], a host name that resolves to its address",
  },
} as const satisfies Record<string, KeySpec>;

/** Of real servers, and of virtual servers for those that say nothing. */
export const verdictKeys = {
  check_quorum: {
    type: integer(1, 1000),
    otherwise: "all",
    example: "1",
    level: "advanced",
    doc: "How many checks of a real server must be UP for it to be UP",
  },
  weight_min: {
    type: integer(0, WEIGHT_MAX),
    otherwise: "0",
    example: "1",
    level: "advanced",
    doc: "Least weight that checks can give a real server themselves",
  },
  weight_max: {
    type: integer(0, WEIGHT_MAX),
    otherwise: "2147483647",
    example: "100",
    level: "advanced",
    doc: "Greatest weight that checks can give a real server",
  },
} as const satisfies Record<string, KeySpec>;
