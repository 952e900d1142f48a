// LDAP: a simple bind and, where a base is said, the search for that one entry. RFC 4511.

import { line } from "../../config/schema/plain-types.ts";
import {
  PACKET_BYTES_MAX,
  type PacketDialogue,
  type PacketMove,
  refused,
  type Take,
} from "../databases/packets.ts";
import { badResponse, type Outcome } from "../probes/attempt.ts";
import { connects } from "./connects.ts";
import { bothOrNeither, type LoginSteps } from "./login.ts";
import { secured } from "./tls.ts";
import { type CheckKind, plain } from "./type.ts";

// biome-ignore format: a table, a row a key
const entry = plain({
  base: { field: "base", type: line, otherwise: "a bind is enough", example: "'dc=example,dc=com'", level: "basic",
    doc: "DN of the entry that a directory must have" },
});

/** Of an LDAPMessage: which operation, and what it holds. */
type Operation = { readonly tag: number; readonly body: Buffer };

const TAG = { integer: 0x02, octets: 0x04, enumerated: 0x0a, sequence: 0x30, boolean: 0x01 };
const OPERATION = {
  bind: 0x60,
  bound: 0x61,
  unbind: 0x42,
  search: 0x63,
  entry: 0x64,
  done: 0x65,
  extended: 0x77,
  extendedDone: 0x78,
};
const REQUEST_NAME = 0x80;
/** §4.14.1. */
const START_TLS = "1.3.6.1.4.1.1466.20037";
const SIMPLE = 0x80;
const PRESENT = 0x87;
const VERSION = 3;
const SUCCESS = 0;
const NO_SUCH_OBJECT = 32;

// RFC 4513 §5.1.2: a name without a password would be an anonymous bind, whoever it is.
export const ldap = {
  doc: "a bind, and an entry where one is said",
  parts: [secured, bothOrNeither, entry, connects],
  packets: { dialogue, tlsFirst: true, bye: message(3, tlv(OPERATION.unbind)) },
} as const satisfies CheckKind;

type Question = LoginSteps & { readonly base: string | null };

function* dialogue({ starttls, login, base }: Question): PacketDialogue<Operation> {
  if (starttls) {
    const name = tlv(REQUEST_NAME, Buffer.from(START_TLS));
    yield { type: "send", bytes: message(4, tlv(OPERATION.extended, name)) };
    const agreed = yield* receive();
    if (agreed.tag !== OPERATION.extendedDone) return badResponse("no answer to StartTLS");
    const { code, text } = resultOf(agreed.body);
    if (code !== SUCCESS) return badResponse(`StartTLS: ${text}`);
    yield { type: "start_tls" };
  }
  const name = octets(login?.name ?? "");
  const proof = tlv(SIMPLE, Buffer.from(login?.password ?? ""));
  yield { type: "send", bytes: message(1, tlv(OPERATION.bind, number(VERSION), name, proof)) };
  const bound = yield* receive();
  if (bound.tag !== OPERATION.bound) return badResponse("no answer to the bind");
  const binding = resultOf(bound.body);
  if (binding.code !== SUCCESS) return refused(`bind: ${binding.text}`);
  if (base === null) return { ok: true, detail: "bound" };

  yield { type: "send", bytes: message(2, searchFor(base)) };
  let entries = 0;
  for (;;) {
    const { tag, body } = yield* receive();
    if (tag === OPERATION.entry) entries += 1;
    if (entries > 1) return unexpected("more than one entry");
    if (tag !== OPERATION.done) continue;
    const { code, text } = resultOf(body);
    if (code !== SUCCESS && code !== NO_SUCH_OBJECT) return badResponse(`search: ${text}`);
    if (entries === 1) return { ok: true, detail: "one entry" };
    return unexpected(code === SUCCESS ? "no entry, wanted one" : `search: ${text}`);
  }
}

function unexpected(detail: string): Outcome {
  return { ok: false, cause: "unexpected_answer", detail };
}

function* receive(): Generator<PacketMove<Operation>, Operation, Operation | undefined> {
  return (yield { type: "receive", take }) ?? { tag: 0, body: Buffer.alloc(0) };
}

/** The entry itself, whatever it is, without its attributes (§4.5.1.8). */
function searchFor(base: string): Buffer {
  const scope = tlv(TAG.enumerated, Buffer.of(0));
  const aliases = tlv(TAG.enumerated, Buffer.of(0));
  const limits = [number(2), number(0), tlv(TAG.boolean, Buffer.of(0))];
  const filter = tlv(PRESENT, Buffer.from("objectClass"));
  const nothing = tlv(TAG.sequence, octets("1.1"));
  return tlv(OPERATION.search, octets(base), scope, aliases, ...limits, filter, nothing);
}

const take: Take<Operation> = (rest) => {
  const whole = element(rest);
  if (whole === undefined) return undefined;
  if (whole === "wrong" || whole.tag !== TAG.sequence) return "not the protocol of LDAP";
  if (whole.body === undefined) return undefined;
  const id = element(whole.body);
  if (id === undefined || id === "wrong" || id.tag !== TAG.integer)
    return "not the protocol of LDAP";
  const operation = element(whole.body.subarray(id.lengthBytes));
  if (operation === undefined || operation === "wrong" || operation.body === undefined) {
    return "not the protocol of LDAP";
  }
  const packet = { tag: operation.tag, body: operation.body };
  return { packet, lengthBytes: whole.lengthBytes };
};

type Element = {
  readonly tag: number;
  readonly lengthBytes: number;
  /** undefined = not all there yet. */
  readonly body: Buffer | undefined;
};

/** §5.1: lengths of the definite form only. undefined = not enough to say. */
function element(bytes: Buffer): Element | "wrong" | undefined {
  const [tag, first] = bytes;
  if (tag !== undefined && bytes.length === 1 && tag !== TAG.sequence) return "wrong";
  if (tag === undefined || first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || more > 4) return "wrong";
  if (bytes.length < 2 + more) return undefined;
  const length = more === 0 ? first : bytes.readUIntBE(2, more);
  if (length > PACKET_BYTES_MAX) return "wrong";
  const lengthBytes = 2 + more + length;
  const body = bytes.length < lengthBytes ? undefined : bytes.subarray(2 + more, lengthBytes);
  return { tag, lengthBytes, body };
}

/** §4.1.9: the code, a DN and the words of the server. */
function resultOf(body: Buffer): { readonly code: number; readonly text: string } {
  const parts: Buffer[] = [];
  for (let at = 0; parts.length < 3; ) {
    const part = element(body.subarray(at));
    if (part === undefined || part === "wrong" || part.body === undefined) break;
    parts.push(part.body);
    at += part.lengthBytes;
  }
  const code = parts[0]?.[0] ?? -1;
  const words = parts[2]?.toString("utf8") ?? "";
  const name = RESULTS[code] ?? `result ${code}`;
  return { code, text: words === "" ? name : `${name}: ${words}` };
}

const RESULTS: Readonly<Record<number, string>> = {
  1: "operationsError",
  2: "protocolError",
  3: "timeLimitExceeded",
  4: "sizeLimitExceeded",
  7: "authMethodNotSupported",
  8: "strongerAuthRequired",
  10: "referral",
  11: "adminLimitExceeded",
  13: "confidentialityRequired",
  32: "noSuchObject",
  34: "invalidDNSyntax",
  48: "inappropriateAuthentication",
  49: "invalidCredentials",
  50: "insufficientAccessRights",
  51: "busy",
  52: "unavailable",
  53: "unwillingToPerform",
};

function message(id: number, operation: Buffer): Buffer {
  return tlv(TAG.sequence, number(id), operation);
}

function number(value: number): Buffer {
  return tlv(TAG.integer, Buffer.of(value));
}

function octets(text: string): Buffer {
  return tlv(TAG.octets, Buffer.from(text));
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([Buffer.of(tag, 0x82), length, body]);
}
