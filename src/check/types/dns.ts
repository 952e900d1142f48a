// One question to a name server.

import { type Fields, fieldsOf, rowsOf } from "../../config/schema/fields.ts";
import { accept, type Judged, refuse } from "../../config/schema/judged.ts";
import { bool, line, oneOf } from "../../config/schema/plain-types.ts";
import { asItIs, type KeyType } from "../../config/schema/type.ts";
import { connects } from "./connects.ts";
import { type BodyMatch, matchOf, matchRows, regex } from "./payload.ts";
import { type CheckKind, plain, type Rows, type Written } from "./type.ts";

const domain: KeyType<string> = {
  parse: parseDomain,
  print: asItIs,
  help: "domain name, or . for the root",
};

/** Of the types that ask by datagrams or over a stream. */
export const transport = plain({
  transport: {
    field: "transport",
    type: oneOf("udp", "tcp"),
    default: "udp",
    doc: "How the question goes there",
  },
});

// biome-ignore format: a table, a row a key
const keys = {
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
} as const satisfies Rows;

type Question = Fields<typeof keys> & { readonly answer: BodyMatch | null };
export type QueryType = Question["queryType"];
export type Rcode = Question["rcode"];

const question = {
  keys,
  build: ({ values }: Written<typeof keys>): Question => ({
    ...fieldsOf(keys, values),
    answer: matchOf(values.answer, values.answer_regex),
  }),
  rows: (check: Question) => [
    ...rowsOf(keys, check),
    ...matchRows("answer", "answer_regex", check.answer),
  ],
} as const;

export const dns = {
  doc: "an answer to one packet",
  parts: [transport, question, connects],
} as const satisfies CheckKind;

const NAME_BYTES_MAX = 253;

/** RFC 1035 §2.3.4. Letters, digits, - and _ only: an international name is written as xn--… */
function parseDomain(text: string): Judged<string> {
  if (text === ".") return accept(text);
  const name = text.replace(/\.$/, "");
  const isRight =
    name.length <= NAME_BYTES_MAX &&
    name.split(".").every((label) => /^[a-z\d_*/-]{1,63}$/i.test(label));
  return isRight
    ? accept(name)
    : refuse("a domain name such as www.example.com, or . for the root of all names");
}
