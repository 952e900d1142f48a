// Values that HTTP knows.

import type { HttpHeader } from "../check/model-web.ts";
import { accept, type Judged, refuse } from "./judged.ts";

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

export function parseHeader(text: string): Judged<HttpHeader> {
  const [, name = "", value = ""] =
    /^([!#$%&'*+.^_`|~\w-]{1,100}):\s*([\x20-\x7e\t]+)$/.exec(text) ?? [];
  if (name === "") return refuse("NAME: VALUE, in ASCII");
  if (name.toLowerCase() === "host")
    return refuse("another header: the Host header is the key host");
  return OWN.has(name.toLowerCase())
    ? refuse(`another header: ${name} is duet's own business`)
    : accept({ name, value: value.trim() });
}

export function parseMd5(text: string): Judged<string> {
  return /^[\da-f]{32}$/i.test(text)
    ? accept(text.toLowerCase())
    : refuse("an MD5 sum: 32 hex digits");
}

export function parseGrpcService(text: string): Judged<string> {
  return /^[\x21-\x7e]{1,127}$/.test(text) ? accept(text) : refuse("one word of up to 127 letters");
}
