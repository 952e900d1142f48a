// RADIUS: a question and what an answer to it is worth. RFC 2865, RFC 5997 (Status-Server); Message-Authenticator of RFC 2869 §5.14,
// always sent and in front, as servers that know of the forged answers of 2024 want it.

import { createHash, createHmac } from "node:crypto";
import { badResponse, type Outcome } from "./probes/attempt.ts";
import type { Judged } from "./probes/remember.ts";
import type { CheckFields } from "./types/index.ts";

type RadiusFields = CheckFields["radius"];

export type RadiusQuestion = { readonly id: number; readonly authenticator: Buffer };

const CODE = {
  request: 1,
  accept: 2,
  reject: 3,
  accountingResponse: 5,
  challenge: 11,
  statusServer: 12,
};
const ATTRIBUTE = {
  userName: 1,
  userPassword: 2,
  nasIp: 4,
  replyMessage: 18,
  nasIdentifier: 32,
  messageAuthenticator: 80,
  nasIpv6: 95,
};
const HEAD_BYTES = 20;
const HASH_BYTES = 16;
const AUTHENTICATOR_AT = 4;

/** Access-Request with a login, else Status-Server. `nasIp`: as bytes, 4 or 16 of them. */
export function encodeRadius(
  { id, authenticator }: RadiusQuestion,
  { secret, login, nasIdentifier }: RadiusFields,
  nasIp: Buffer | null,
): Buffer {
  const attributes = [attribute(ATTRIBUTE.messageAuthenticator, Buffer.alloc(HASH_BYTES))];
  if (login !== null) {
    const hidden = hide(Buffer.from(login.password), secret, authenticator);
    attributes.push(attribute(ATTRIBUTE.userName, Buffer.from(login.name)));
    attributes.push(attribute(ATTRIBUTE.userPassword, hidden));
  }
  if (nasIp !== null) {
    attributes.push(attribute(nasIp.length === 4 ? ATTRIBUTE.nasIp : ATTRIBUTE.nasIpv6, nasIp));
  }
  attributes.push(attribute(ATTRIBUTE.nasIdentifier, Buffer.from(nasIdentifier)));
  const head = Buffer.of(login === null ? CODE.statusServer : CODE.request, id, 0, 0);
  const packet = Buffer.concat([head, authenticator, ...attributes]);
  packet.writeUInt16BE(packet.length, 2);
  signatureOf(packet, secret).copy(packet, HEAD_BYTES + 2);
  return packet;
}

export function judgeRadius(
  bytes: Buffer,
  { id, authenticator }: RadiusQuestion,
  config: RadiusFields,
): Judged {
  const length = bytes.length < HEAD_BYTES ? 0 : bytes.readUInt16BE(2);
  if (length < HEAD_BYTES || length > bytes.length) return { dropped: "a reply that is no RADIUS" };
  if (bytes[1] !== id) return { dropped: "a reply to another question" };
  const packet = Buffer.from(bytes.subarray(0, length));
  const said = Buffer.from(packet.subarray(AUTHENTICATOR_AT, HEAD_BYTES));
  authenticator.copy(packet, AUTHENTICATOR_AT);
  if (!createHash("md5").update(packet).update(config.secret).digest().equals(said)) {
    return { dropped: "a reply that does not verify: the server has another secret" };
  }
  const attributes = attributesOf(packet);
  if (attributes === undefined) return badResponse("attributes that do not fit their packet");
  const signature = attributes.find(({ type }) => type === ATTRIBUTE.messageAuthenticator);
  if (signature !== undefined) {
    const signed = Buffer.from(signature.value);
    signature.value.fill(0);
    if (!signatureOf(packet, config.secret).equals(signed)) {
      return { dropped: "a reply whose Message-Authenticator does not verify" };
    }
  } else if (config.requireMessageAuthenticator) {
    return badResponse(`${nameOf(packet)} without Message-Authenticator`);
  }
  const message = attributes
    .filter(({ type }) => type === ATTRIBUTE.replyMessage)
    .map(({ value }) => value.toString("utf8"))
    .join("");
  return judgeCode(packet, message, config);
}

function judgeCode(packet: Buffer, message: string, { login, reply }: RadiusFields): Outcome {
  const [code = 0] = packet;
  const name = nameOf(packet);
  const detail = message === "" ? name : `${name}: ${JSON.stringify(message)}`;
  // RFC 5997 §2.1: who listens for accounting answers as such.
  const good = login === null ? [CODE.accept, CODE.accountingResponse] : CODES_OF[reply];
  if (good.includes(code)) return { ok: true, detail };
  if (code === CODE.reject && login !== null) return { ok: false, cause: "login_failed", detail };
  const wanted = login === null ? "an answer to Status-Server" : WANTED[reply];
  return { ok: false, cause: "unexpected_answer", detail: `${detail}, wanted ${wanted}` };
}

const CODES_OF: Readonly<Record<RadiusFields["reply"], readonly number[]>> = {
  accept: [CODE.accept],
  reject: [CODE.reject],
  any: [CODE.accept, CODE.reject, CODE.challenge],
};

const WANTED: Readonly<Record<RadiusFields["reply"], string>> = {
  accept: "Access-Accept",
  reject: "Access-Reject",
  any: "an answer to Access-Request",
};

function nameOf([code = 0]: Buffer): string {
  return NAMES[code] ?? `code ${code}`;
}

const NAMES: Readonly<Record<number, string>> = {
  [CODE.accept]: "Access-Accept",
  [CODE.reject]: "Access-Reject",
  [CODE.accountingResponse]: "Accounting-Response",
  [CODE.challenge]: "Access-Challenge",
};

/** §5.2: the password in pieces of 16 bytes, each under a hash of what went before. */
function hide(password: Buffer, secret: string, authenticator: Buffer): Buffer {
  const hidden = Buffer.alloc(Math.max(1, Math.ceil(password.length / HASH_BYTES)) * HASH_BYTES);
  password.copy(hidden);
  let before = authenticator;
  for (let at = 0; at < hidden.length; at += HASH_BYTES) {
    const mask = createHash("md5").update(secret).update(before).digest();
    for (const [i, byte] of mask.entries()) hidden[at + i] = (hidden[at + i] ?? 0) ^ byte;
    before = hidden.subarray(at, at + HASH_BYTES);
  }
  return hidden;
}

/** Of a packet whose own Message-Authenticator is zero, and whose Authenticator is the request's. */
function signatureOf(packet: Buffer, secret: string): Buffer {
  return createHmac("md5", secret).update(packet).digest();
}

function attribute(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(type, 2 + value.length), value]);
}

type Attribute = { readonly type: number; readonly value: Buffer };

/** Their values are parts of `packet`. */
function attributesOf(packet: Buffer): readonly Attribute[] | undefined {
  const attributes: Attribute[] = [];
  for (let at = HEAD_BYTES; at < packet.length; ) {
    const [type = 0, length = 0] = packet.subarray(at, at + 2);
    if (length < 2 || at + length > packet.length) return undefined;
    const value = packet.subarray(at + 2, at + length);
    if (type === ATTRIBUTE.messageAuthenticator && value.length !== HASH_BYTES) return undefined;
    attributes.push({ type, value });
    at += length;
  }
  return attributes;
}
