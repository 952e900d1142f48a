// Values that HTTP knows.

import type { HttpHeader } from "../check/model-web.ts";
import { accept, type Judged, refuse } from "./judged.ts";
import type { StatusRanges } from "./spec.ts";
import { type KeyType, textType } from "./type.ts";

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
