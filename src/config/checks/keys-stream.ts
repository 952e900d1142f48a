// Keys of [check.*] that hold a dialogue over TCP.

import type { KeySpec } from "../spec.ts";
import { pattern, payload } from "../values-payload.ts";

// biome-ignore format: a table, a row a key
export const dialogueKeys = {
  send: { type: payload, list: true, otherwise: "nothing is sent", example: "'PING\\r\\n'", level: "basic",
    doc: "What is sent, as text with \\r \\n \\t \\0 \\xHH \\\\ or as hex:HH…; send[] and expect[] happen in the order of their lines" },
  expect: { type: pattern, list: true, otherwise: "a connection is enough", example: "+PONG", level: "basic",
    doc: "What has to come before the next line: text or hex:HH… as in send, or regex:EXPRESSION, in which ^ and $ stand at lines" },
} as const satisfies Readonly<Record<string, KeySpec>>;
