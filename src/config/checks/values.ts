// The types of keys that only checks have: domains, URIs, headers, status codes.

import type { HttpHeader } from "../../check/model-web.ts";
import { accept, type Judged, refuse } from "../schema/judged.ts";
import type { StatusRanges } from "../schema/row.ts";
import { asItIs, type KeyType, textType } from "../schema/type.ts";

const NAME_BYTES_MAX = 253;

export const domain: KeyType<string> = {
  parse: parseDomain,
  print: asItIs,
  help: "domain name, or . for the root",
};

export const replyPattern: KeyType<string> = {
  parse: parseReplyPattern,
  print: (digits) => (digits === "" ? "yes" : digits),
  help: "yes, or pairs of hex digits with X for any digit",
};

export const sipUri: KeyType<string> = {
  parse: parseSipUri,
  print: asItIs,
  help: "sip:[USER@]HOST[:PORT]",
};

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

/** "" = any reply. */
function parseReplyPattern(text: string): Judged<string> {
  if (/^yes$/i.test(text)) return accept("");
  const digits = text.replace(/^hex:/i, "").replaceAll(/\s/g, "");
  return /^(?:[\dA-FX]{2}){1,1024}$/i.test(digits)
    ? accept(digits.replaceAll("x", "X").replaceAll(/[A-F]/g, (digit) => digit.toLowerCase()))
    : refuse("yes, or pairs of hex digits, with X for any digit, such as 0d0aXX");
}

/** RFC 3261 §19.1, without headers; "sip:" may be left out, as ldirectord's login has it. */
function parseSipUri(text: string): Judged<string> {
  const uri = /^sips?:/i.test(text)
    ? text.replace(/^.*?:/, (scheme) => scheme.toLowerCase())
    : `sip:${text}`;
  const isRight =
    uri.length <= NAME_BYTES_MAX &&
    /^sips?:(?:[\w.!~*'()&=+$,;?/%:-]+@)?(?:[a-z\d-]+(?:\.[a-z\d-]+)*\.?|\[[\da-f:.]+\])(?::\d{1,5})?(?:;[\w.!~*'()&+$/:%[\]=;-]+)?$/i.test(
      uri,
    );
  return isRight ? accept(uri) : refuse("an address of SIP such as sip:ping@example.com");
}

export const httpHeader: KeyType<HttpHeader> = {
  parse: parseHeader,
  print: ({ name, value }) => `${name}: ${value}`,
  help: "NAME: VALUE",
};

export const md5: KeyType<string> = {
  parse: (text) =>
    /^[\da-f]{32}$/i.test(text) ? accept(text.toLowerCase()) : refuse("an MD5 sum: 32 hex digits"),
  print: (sum) => sum,
  help: "32 hex digits",
};

export const grpcService: KeyType<string> = textType(
  "name of a service",
  /^[\x21-\x7e]{1,127}$/,
  "one word of up to 127 letters",
);

export const statusCodes: KeyType<StatusRanges> = {
  parse: parseStatus,
  print: (ranges) => ranges.map(([low, high]) => (low === high ? low : `${low}-${high}`)).join(" "),
  help: "status codes and ranges, 100 to 599",
};

/** What duet says itself, or what says where a message ends. RFC 9110 section 7.6.1, RFC 9113 section 8.2.2. */
const OWN: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

function parseHeader(text: string): Judged<HttpHeader> {
  const [, name = "", value = ""] =
    /^([!#$%&'*+.^_`|~\w-]{1,100}):\s*([\x20-\x7e\t]+)$/.exec(text) ?? [];
  if (name === "") return refuse("NAME: VALUE, in ASCII");
  if (name.toLowerCase() === "host")
    return refuse("another header: the Host header is the key host");
  return OWN.has(name.toLowerCase())
    ? refuse(`another header: ${name} is duet's own business`)
    : accept({ name, value: value.trim() });
}

function parseStatus(text: string): Judged<StatusRanges> {
  const right = "status codes from 100 to 599 and ranges of them, such as 200 301-302";
  const ranges: (readonly [number, number])[] = [];
  for (const part of text.split(/[\s,]+/)) {
    const match = /^(\d{3})(?:-(\d{3}))?$/.exec(part);
    if (match === null) return refuse(right);
    const low = Number(match[1]);
    const high = Number(match[2] ?? match[1]);
    if (low < 100 || high > 599 || low > high) return refuse(right);
    ranges.push([low, high]);
  }
  return accept(ranges);
}
