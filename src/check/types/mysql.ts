// MySQL and MariaDB: TLS, login, one query. Chapter "Client/Server Protocol" of MySQL's internals, protocol 4.1.

import { scramble, sealed } from "../databases/mysql-password.ts";
import {
  PACKET_BYTES_MAX,
  type PacketDialogue,
  type PacketMove,
  refused,
  type Take,
} from "../databases/packets.ts";
import { badResponse, type Outcome } from "../probes/attempt.ts";
import { shownBytes } from "../shown.ts";
import { connects } from "./connects.ts";
import { type DatabaseFields, question } from "./database.ts";
import { loginNeeded } from "./login.ts";
import { tlsOption } from "./tls.ts";
import type { CheckKind } from "./type.ts";

type Packet = { readonly sequence: number; readonly body: Buffer };
type Step<R> = Generator<PacketMove<Packet>, R, Packet | undefined>;

const HEAD_BYTES = 4;
const CAN = {
  longPassword: 1,
  withDatabase: 8,
  protocol41: 0x200,
  tls: 0x800,
  secure: 0x8000,
  plugin: 0x80000,
};
const UTF8MB4 = 45;
const OK = 0x00;
const MORE = 0x01;
const EOF = 0xfe;
const ERROR = 0xff;
/** What caching_sha2_password says in MORE. */
const FAST_OK = 3;
const FULL_WANTED = 4;
const QUERY = 3;
const QUIT = 1;

export const mysql = {
  doc: "a row",
  parts: [tlsOption, loginNeeded, question, connects],
  packets: { dialogue, bye: packet(0, Buffer.of(QUIT)) },
} as const satisfies CheckKind;

function* dialogue(config: DatabaseFields): PacketDialogue<Packet> {
  const greeting = yield* receive();
  if (greeting.body[0] === ERROR) return badResponse(errorIn(greeting.body));
  const server = parseGreeting(greeting.body);
  if (server === undefined) return badResponse(noMysql(greeting.body));

  let sequence = greeting.sequence + 1;
  const { tls, login, database, query } = config;
  let can = CAN.longPassword | CAN.protocol41 | CAN.secure | CAN.plugin;
  if (database !== null) can |= CAN.withDatabase;
  if (tls !== null) {
    if ((server.can & CAN.tls) === 0) return badResponse("the server does not offer TLS");
    can |= CAN.tls;
    yield { type: "send", bytes: packet(sequence++, responseHead(can)) };
    yield { type: "start_tls" };
  }
  const proof = scramble(server.plugin, login.password, server.nonce) ?? Buffer.alloc(0);
  const response = Buffer.concat([
    responseHead(can),
    text(login.name),
    Buffer.of(proof.length),
    proof,
    ...(database === null ? [] : [text(database)]),
    text(server.plugin),
  ]);
  yield { type: "send", bytes: packet(sequence, response) };
  const failure = yield* authenticate(config, server);
  if (failure !== undefined) return failure;

  yield { type: "send", bytes: packet(0, Buffer.concat([Buffer.of(QUERY), Buffer.from(query)])) };
  return yield* firstRow(server.version);
}

/** undefined = logged in. */
function* authenticate(
  { tls, login: { password } }: DatabaseFields,
  greeting: { readonly plugin: string; readonly nonce: Buffer },
): Step<Outcome | undefined> {
  let { plugin, nonce } = greeting;
  for (;;) {
    const { body, sequence } = yield* receive();
    const answer = (bytes: Buffer): PacketMove<Packet> => ({
      type: "send",
      bytes: packet(sequence + 1, bytes),
    });
    if (body[0] === OK) return undefined;
    if (body[0] === ERROR) return refused(errorIn(body));
    if (body[0] === EOF) {
      const end = body.indexOf(0, 1);
      if (end < 0) return refused("the server wants a login that duet does not know");
      plugin = body.toString("latin1", 1, end);
      nonce = body.subarray(end + 1, end + 21);
      const proof = scramble(plugin, password, nonce);
      if (proof === undefined)
        return refused(`the server wants ${JSON.stringify(plugin)}, which duet does not know`);
      yield answer(proof);
    } else if (body[0] === MORE && body[1] === FULL_WANTED) {
      if (tls !== null) yield answer(text(password));
      else yield answer(Buffer.of(2));
    } else if (body[0] === MORE && body[1] !== FAST_OK) {
      const bytes = sealed(password, nonce, body.toString("latin1", 1));
      if (bytes === undefined) return badResponse("the server's public key is none");
      yield answer(bytes);
    } else if (body[0] !== MORE) return badResponse(noMysql(body));
  }
}

function* firstRow(version: string): Step<Outcome> {
  const { body: head } = yield* receive();
  if (head[0] === ERROR) return badResponse(errorIn(head));
  if (head[0] !== OK) {
    // The columns, until EOF.
    while (!isEof((yield* receive()).body)) continue;
    const { body: row } = yield* receive();
    if (row[0] === ERROR) return badResponse(errorIn(row));
    if (!isEof(row))
      return { ok: true, detail: `${version}: row ${JSON.stringify(firstValue(row))}` };
  }
  return { ok: false, cause: "unexpected_answer", detail: "the query returned no row" };
}

function* receive(): Step<Packet> {
  return (yield { type: "receive", take }) ?? { sequence: 0, body: Buffer.alloc(0) };
}

const take: Take<Packet> = (rest) => {
  if (rest.length < HEAD_BYTES) return undefined;
  const length = rest.readUIntLE(0, 3);
  if (length > PACKET_BYTES_MAX || length === 0) return "not the protocol of MySQL";
  const lengthBytes = HEAD_BYTES + length;
  if (rest.length < lengthBytes) return undefined;
  const body = rest.subarray(HEAD_BYTES, lengthBytes);
  return { packet: { sequence: rest[3] ?? 0, body }, lengthBytes };
};

function noMysql(body: Buffer): string {
  return `not the protocol of MySQL: ${shownBytes(body)}`;
}

type Greeting = {
  readonly version: string;
  readonly can: number;
  readonly nonce: Buffer;
  readonly plugin: string;
};

/** Handshake version 10. */
function parseGreeting(body: Buffer): Greeting | undefined {
  const end = body.indexOf(0, 1);
  if (body[0] !== 10 || end < 0 || body.length < end + 44) return undefined;
  const at = end + 5;
  const can = body.readUInt16LE(at + 9) | (body.readUInt16LE(at + 14) << 16);
  const nonce = Buffer.concat([body.subarray(at, at + 8), body.subarray(at + 27, at + 39)]);
  const pluginEnd = body.indexOf(0, at + 40);
  const plugin = body.toString("latin1", at + 40, pluginEnd < 0 ? body.length : pluginEnd);
  const version = body.toString("latin1", 1, end).replace(/[^\x20-\x7e]/g, "?");
  return { version, can, nonce, plugin: plugin === "" ? "mysql_native_password" : plugin };
}

/** Also all of a request for TLS. */
function responseHead(can: number): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(can, 0);
  head.writeUInt32LE(PACKET_BYTES_MAX, 4);
  head[8] = UTF8MB4;
  return head;
}

function isEof(body: Buffer): boolean {
  return body.length === 0 || (body[0] === EOF && body.length < 9);
}

const NULL = 0xfb;
const INT16 = 0xfc;

/** A text with its length before it. */
function firstValue(row: Buffer): string {
  const [head = 0] = row;
  if (head === NULL) return "NULL";
  if (head < NULL) return row.toString("utf8", 1, 1 + head);
  return head === INT16 && row.length > 2 ? row.toString("utf8", 3, 3 + row.readUInt16LE(1)) : "…";
}

/** Code, perhaps # and SQLSTATE, and the message. */
function errorIn(body: Buffer): string {
  const code = body.length < 3 ? 0 : body.readUInt16LE(1);
  return `${body.toString("utf8", 3).replace(/^#...../, "")} (${code})`;
}

function packet(sequence: number, body: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = sequence & 0xff;
  return Buffer.concat([head, body]);
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}
