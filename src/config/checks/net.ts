// Checks that ask by one packet: their keys, what they come to, and their rules.

import { fieldsOf, rowsOf } from "../schema/fields.ts";
import { bool, integer, line, oneOf } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { lineOf, type Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";
import type { CheckKind } from "./kinds.ts";
import { payload, regex } from "./payload.ts";
import { domain, replyPattern } from "./values.ts";

// biome-ignore format: a table, a row a key
export const dnsKeys = {
  transport: { field: "transport", type: oneOf("udp", "tcp"), default: "udp", doc: "How the question goes there" },
  query_name: { field: "queryName", type: domain, default: ".", example: "www.example.com", level: "basic",
    doc: "Name that a name server is asked for" },
  query_type: { field: "queryType", type: oneOf("A", "AAAA", "NS", "CNAME", "SOA", "PTR", "MX", "TXT", "SRV", "NAPTR", "DS", "SSHFP", "DNSKEY", "TLSA", "CAA", "ANY"), default: "SOA", example: "A", level: "basic",
    doc: "Type of the records that a name server is asked for" },
  recursion: { field: "recursion", type: bool, default: "yes", doc: "The server may ask others for what it does not know (the RD flag)" },
  rcode: { field: "rcode", type: oneOf("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"), default: "NOERROR",
    doc: "Response code that is a success" },
  answer: { type: line, otherwise: "any answer will do, also one without records", example: "172.17.253.110", level: "basic",
    doc: "What one of the records must be, as a zone file writes it: an address, a name, 10 mx.example.com" },
  answer_regex: { type: regex, otherwise: "any answer will do, also one without records", example: "'^172[.]17[.]'", excludes: "answer",
    doc: "Regular expression that one of the records must match, in place of answer" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const udpKeys = {
  payload: { field: "payload", type: payload, otherwise: "8 random bytes", example: "hex:0d0a", level: "basic",
    doc: "What the datagram holds, as text with \\r \\n \\t \\0 \\xHH \\\\ or as hex:HH…" },
  require_reply: { field: "reply", type: replyPattern, otherwise: "silence is a success, as keepalived has it, and only an ICMP error is none", bare: "yes", example: "0d0aXX", level: "basic",
    doc: "A reply has to come: yes, or one that begins with these hex digits, X for any digit" },
  min_reply_length: { field: "replyBytesMin", type: integer(0, 65_507), default: "0", requires: { keys: ["require_reply"], why: "silence has no length" }, doc: "A shorter reply is a failure, in bytes" },
  max_reply_length: { field: "replyBytesMax", type: integer(0, 65_507), default: "65507", requires: { keys: ["require_reply"], why: "silence has no length" }, doc: "A longer reply is a failure, in bytes" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const ntpKeys = {
  stratum_max: { field: "stratumMax", type: integer(1, 15), default: "15", example: "3", level: "basic",
    doc: "A time server further away from a clock than this is a failure; one that is not synchronized always is" },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const dns: CheckKind<"dns"> = {
  build({ values }) {
    const { answer, answer_regex } = values;
    return {
      ...fieldsOf(dnsKeys, values),
      answer:
        answer !== undefined
          ? { kind: "text", text: answer }
          : answer_regex !== undefined
            ? { kind: "regex", source: answer_regex }
            : null,
    };
  },
  rows: (check) => [
    ...rowsOf(dnsKeys, check),
    ["answer", check.answer?.kind === "text" ? check.answer.text : null],
    ["answer_regex", check.answer?.kind === "regex" ? check.answer.source : null],
  ],
};

export const udp: CheckKind<"udp"> = {
  build: ({ values }) => fieldsOf(udpKeys, values),
  // Without a reply its lengths have no meaning.
  rows: (check) =>
    rowsOf(udpKeys, check).filter(([key]) => check.reply !== null || !key.endsWith("_length")),
  judge: judgeUdp,
};

function judgeUdp(section: Section<"check">, report: Report): void {
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
}

export const ntp: CheckKind<"ntp"> = {
  build: ({ values }) => fieldsOf(ntpKeys, values),
  rows: (check) => rowsOf(ntpKeys, check),
};
