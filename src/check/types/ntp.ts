// One question to a time server.

import { integer } from "../../config/schema/plain-types.ts";
import { type CheckKind, plain } from "./type.ts";

// biome-ignore format: a table, a row a key
const stratum = plain({
  stratum_max: { field: "stratumMax", type: integer(1, 15), default: "15", example: "3", level: "basic",
    doc: "A time server further away from a clock than this is a failure; one that is not synchronized always is" },
});

export const ntp = {
  doc: "an answer to one packet",
  parts: [stratum],
} as const satisfies CheckKind;
