// SIP: the question OPTIONS (RFC 3261 §11), and what an answer to it is worth. Only what that takes of a message is read.

import { statusMismatch } from "./probes/judge-http.ts";
import type { Judged } from "./probes/remember.ts";
import { shownBytes } from "./shown.ts";
import type { CheckFields } from "./types/index.ts";

export type SipQuestion = {
  readonly via: "UDP" | "TCP" | "TLS";
  /** HOST:PORT, an IPv6 address in brackets. */
  readonly local: string;
  readonly remote: string;
  /** Of this question alone. */
  readonly token: string;
};

export type SipMessage = { readonly first: string; readonly head: readonly string[] };

/** §8.1.1.7: marks a branch of RFC 3261. */
const COOKIE = "z9hG4bK";
const MESSAGE_BYTES_MAX = 64 * 1024;
const HEAD_END = Buffer.from("\r\n\r\n");

export function encodeOptions(
  { via, local, remote, token }: SipQuestion,
  { to, from }: Pick<CheckFields["sip"], "to" | "from">,
): Buffer {
  const asked = to ?? `sip:${remote}`;
  const lines = [
    `OPTIONS ${asked} SIP/2.0`,
    `Via: SIP/2.0/${via} ${local};branch=${COOKIE}${token};rport`,
    "Max-Forwards: 70",
    `From: <${from ?? `sip:duet@${local}`}>;tag=${token}`,
    `To: <${asked}>`,
    `Call-ID: ${token}`,
    "CSeq: 1 OPTIONS",
    `Contact: <sip:duet@${local}${via === "UDP" ? "" : ";transport=tcp"}>`,
    "Accept: application/sdp",
    "User-Agent: duet",
    "Content-Length: 0",
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

/** The first message of a stream (§18.3); undefined = not whole yet, a text = what is wrong with it. */
export function takeSip(
  rest: Buffer,
): { readonly message: SipMessage; readonly lengthBytes: number } | string | undefined {
  let start = 0;
  while (rest[start] === 0x0d || rest[start] === 0x0a) start += 1;
  const headEnd = rest.indexOf(HEAD_END, start);
  if (headEnd < 0) {
    const line = rest.indexOf("\n", start);
    if (line < 0 && rest.length - start <= MESSAGE_BYTES_MAX) return undefined;
    return isSip(rest.toString("latin1", start, Math.max(start, line)).trimEnd()) &&
      rest.length - start <= MESSAGE_BYTES_MAX
      ? undefined
      : noSip(rest.subarray(start));
  }
  const message = messageOf(rest.subarray(start, headEnd));
  if (message === undefined) return noSip(rest.subarray(start));
  const length = Number(headerOf(message, "content-length", "l") ?? "0");
  if (!Number.isInteger(length) || length < 0 || length > MESSAGE_BYTES_MAX) {
    return `a body of ${JSON.stringify(headerOf(message, "content-length", "l"))} bytes`;
  }
  const lengthBytes = headEnd + HEAD_END.length + length;
  return rest.length < lengthBytes ? undefined : { message, lengthBytes };
}

/** The message of a datagram, which may end with its head; undefined = it is none. */
export function messageOf(bytes: Buffer): SipMessage | undefined {
  const end = bytes.indexOf(HEAD_END);
  const text = bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
  // §7.3.1: a line that begins with a space belongs to the one before it.
  const [first = "", ...head] = text.replaceAll(/\r\n[ \t]+/g, " ").split("\r\n");
  return isSip(first) ? { first, head } : undefined;
}

export function judgeSip(
  message: SipMessage,
  { token }: SipQuestion,
  { status: ranges }: Pick<CheckFields["sip"], "status">,
): Judged {
  const [, digits = "", reason = ""] = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(message.first) ?? [];
  if (digits === "") return { dropped: "a request of its own" };
  const branch = /;\s*branch\s*=\s*([^;,\s]+)/i.exec(headerOf(message, "via", "v") ?? "")?.[1];
  const isMine =
    branch === `${COOKIE}${token}` && /\bOPTIONS\s*$/.test(headerOf(message, "cseq") ?? "");
  if (!isMine) return { dropped: "an answer to another question" };
  const words = shown(`${digits} ${reason}`.trimEnd());
  if (digits.startsWith("1")) return { dropped: words };
  const wrong = statusMismatch(Number(digits), ranges, words);
  if (wrong !== undefined) return { ok: false, cause: "wrong_status", detail: wrong };
  return { ok: true, detail: words };
}

function isSip(first: string): boolean {
  return /^SIP\/2\.0 [1-6]\d\d(?: |$)|^[A-Z]{1,32} \S+ SIP\/2\.0$/.test(first);
}

function noSip(bytes: Buffer): string {
  return `not the protocol of SIP: ${shownBytes(bytes)}`;
}

/** The first of that name. */
function headerOf({ head }: SipMessage, ...names: readonly string[]): string | undefined {
  for (const line of head) {
    const colon = line.indexOf(":");
    if (colon < 0 || !names.includes(line.slice(0, colon).trim().toLowerCase())) continue;
    return line.slice(colon + 1).trim();
  }
  return undefined;
}

function shown(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 80);
}
