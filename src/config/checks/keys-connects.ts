// The key of [check.*] of all that is asked over TCP.

import { integer } from "../key-types.ts";
import type { KeySpec } from "../spec.ts";

export const connectsKeys = {
  connects: {
    type: integer(0, 1000),
    default: "0",
    example: "5",
    level: "advanced",
    doc: "So many probes that only connect follow each whole one that succeeds, as ldirectord's checktype = N; after a failure, and while the real server is DOWN, every probe is whole",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;
