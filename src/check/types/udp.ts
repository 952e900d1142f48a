// A datagram, and what comes back.

import { type Fields, fieldsOf, rowsOf } from "../../config/schema/fields.ts";
import { accept, type Judged, refuse } from "../../config/schema/judged.ts";
import { integer } from "../../config/schema/plain-types.ts";
import type { KeyType } from "../../config/schema/type.ts";
import { payload } from "./payload.ts";
import { type CheckKind, lineOf, type Report, type Rows, type Written } from "./type.ts";

/** Hex digits that the reply must begin with, X = any; "" = any reply. */
export type ReplyPattern = string;

const replyPattern: KeyType<ReplyPattern> = {
  parse: parseReplyPattern,
  print: (digits) => (digits === "" ? "yes" : digits),
  help: "yes, or pairs of hex digits with X for any digit",
};

// biome-ignore format: a table, a row a key
const keys = {
  payload: { field: "payload", type: payload, otherwise: "8 random bytes", example: "hex:0d0a", level: "basic",
    doc: "What the datagram holds, as text with \\r \\n \\t \\0 \\xHH \\\\ or as hex:HH…" },
  require_reply: { field: "reply", type: replyPattern, otherwise: "silence is a success, as keepalived has it, and only an ICMP error is none", bare: "yes", example: "0d0aXX", level: "basic",
    doc: "A reply has to come: yes, or one that begins with these hex digits, X for any digit" },
  min_reply_length: { field: "replyBytesMin", type: integer(0, 65_507), default: "0", requires: { keys: ["require_reply"], why: "silence has no length" }, doc: "A shorter reply is a failure, in bytes" },
  max_reply_length: { field: "replyBytesMax", type: integer(0, 65_507), default: "65507", requires: { keys: ["require_reply"], why: "silence has no length" }, doc: "A longer reply is a failure, in bytes" },
} as const satisfies Rows;

const exchange = {
  keys,
  build: ({ values }: Written<typeof keys>) => fieldsOf(keys, values),
  // Without a reply its lengths have no meaning.
  rows: (check: Fields<typeof keys>) =>
    rowsOf(keys, check).filter(([key]) => check.reply !== null || !key.endsWith("_length")),
  judge(section: Written<typeof keys>, report: Report) {
    const { require_reply, min_reply_length: min, max_reply_length: max } = section.values;
    if (min > max) {
      report(
        Math.max(lineOf(section, "min_reply_length"), lineOf(section, "max_reply_length")),
        `Cannot use min_reply_length ${min}: it must be at most max_reply_length, which is ${max}`,
      );
    } else if (require_reply !== undefined && require_reply.length / 2 > max) {
      report(
        lineOf(section, "require_reply"),
        `Cannot use require_reply of ${require_reply.length / 2} bytes: max_reply_length is ${max}`,
      );
    }
  },
} as const;

export const udp = {
  doc: "an answer to one packet",
  parts: [exchange],
} as const satisfies CheckKind;

function parseReplyPattern(text: string): Judged<ReplyPattern> {
  if (/^yes$/i.test(text)) return accept("");
  const digits = text.replace(/^hex:/i, "").replaceAll(/\s/g, "");
  return /^(?:[\dA-FX]{2}){1,1024}$/i.test(digits)
    ? accept(digits.replaceAll("x", "X").replaceAll(/[A-F]/g, (digit) => digit.toLowerCase()))
    : refuse("yes, or pairs of hex digits, with X for any digit, such as 0d0aXX");
}
