// The key of [check.*] of all that is asked over TCP.

import { integer } from "../plain-types.ts";
import type { KeySpec } from "../spec.ts";

// biome-ignore format: a table, a row a key
export const connectsKeys = {
  connects: { type: integer(0, 1000), default: "0", example: "5",
    doc: "So many probes that only connect follow each whole one that succeeds, as ldirectord's checktype = N; after a failure, and while the real server is DOWN, every probe is whole" },
} as const satisfies Readonly<Record<string, KeySpec>>;
