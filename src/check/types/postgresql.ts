// PostgreSQL, version 3 of its protocol: TLS, login, one query. Chapter "Frontend/Backend Protocol" of its manual.

import { createHash } from "node:crypto";
import { oneOf } from "../../config/schema/plain-types.ts";
import { PACKET_BYTES_MAX, type PacketDialogue, refused, type Take } from "../databases/packets.ts";
import { scramClient } from "../databases/scram.ts";
import { badResponse, type Outcome } from "../probes/attempt.ts";
import { connects } from "./connects.ts";
import { type DatabaseFields, question } from "./database.ts";
import { loginNeeded } from "./login.ts";
import { tlsOption } from "./tls.ts";
import { type CheckKind, plain } from "./type.ts";

// biome-ignore format: a table, a row a key
const wantedRole = plain({
  server_role: { field: "role", type: oneOf("primary", "standby"), otherwise: "either will do", example: "primary", level: "basic",
    doc: "What the server must be: it takes writes, or it follows another one" },
});

type Message = { readonly type: string; readonly body: Buffer };
type Step<R> = Generator<
  Extract<ReturnType<PacketDialogue<Message>["next"]>, { done?: false }>["value"],
  R,
  Message | undefined
>;

const PROTOCOL_3 = 196_608;
const SSL_REQUEST = 80_877_103;
const HEAD_BYTES = 5;
const AUTH = { ok: 0, cleartext: 3, md5: 5, sasl: 10, saslContinue: 11, saslFinal: 12 };

export const postgresql = {
  doc: "a row",
  parts: [tlsOption, loginNeeded, question, wantedRole, connects],
  packets: { dialogue, bye: message("X", Buffer.alloc(0)) },
} as const satisfies CheckKind;

type PostgresqlFields = DatabaseFields & ReturnType<typeof wantedRole.build>;

function* dialogue(config: PostgresqlFields): PacketDialogue<Message> {
  const { tls, login, database, query, role } = config;
  if (tls !== null) {
    yield { type: "send", bytes: untyped(int32(SSL_REQUEST)) };
    const agreed = yield { type: "receive", take: takeByte };
    if (agreed?.type !== "S") return badResponse("the server does not offer TLS");
    yield { type: "start_tls" };
  }
  const start = [
    "user",
    login.name,
    "database",
    database ?? login.name,
    "application_name",
    "duet",
  ];
  yield {
    type: "send",
    bytes: untyped(Buffer.concat([int32(PROTOCOL_3), ...start.map(text), text("")])),
  };
  const failure = yield* authenticate(login);
  if (failure !== undefined) return failure;

  if (role !== null) {
    const recovery = yield* ask("SELECT pg_is_in_recovery()");
    if (typeof recovery !== "string") return recovery;
    const seen = recovery === "t" ? "standby" : "primary";
    if (seen !== role) return mismatch(`it is a ${seen}, wanted a ${role}`);
  }
  const row = yield* ask(query);
  if (typeof row !== "string") return row;
  return { ok: true, detail: role === null ? `row ${JSON.stringify(row)}` : role };
}

/** undefined = logged in. */
function* authenticate({ name, password }: PostgresqlFields["login"]): Step<Outcome | undefined> {
  let scram: ReturnType<typeof scramClient> | undefined;
  for (;;) {
    const { type, body } = yield* receive();
    if (type === "E") return refused(errorIn(body));
    if (type === "Z") return undefined;
    // Parameters, the key for cancelling, notices: nothing to a check.
    if (type !== "R") continue;
    switch (body.length < 4 ? -1 : body.readInt32BE(0)) {
      case AUTH.ok:
        break;
      case AUTH.cleartext:
        yield { type: "send", bytes: message("p", text(password)) };
        break;
      case AUTH.md5: {
        const inner = md5(Buffer.from(password + name));
        const outer = md5(Buffer.concat([Buffer.from(inner), body.subarray(4, 8)]));
        yield { type: "send", bytes: message("p", text(`md5${outer}`)) };
        break;
      }
      case AUTH.sasl: {
        if (!body.toString("latin1", 4).split("\0").includes("SCRAM-SHA-256")) {
          return refused("the server wants a login that duet does not know");
        }
        scram = scramClient(password);
        const first = Buffer.from(scram.first);
        const parts = [text("SCRAM-SHA-256"), int32(first.length), first];
        yield { type: "send", bytes: message("p", Buffer.concat(parts)) };
        break;
      }
      case AUTH.saslContinue: {
        const final = scram?.final(body.toString("utf8", 4));
        if (final === undefined) return badResponse("SCRAM: a challenge that is none");
        yield { type: "send", bytes: message("p", Buffer.from(final)) };
        break;
      }
      case AUTH.saslFinal:
        if (scram?.isServer(body.toString("utf8", 4)) !== true) {
          return badResponse("SCRAM: the server does not know the password");
        }
        break;
      default:
        return refused("the server wants a login that duet does not know");
    }
  }
}

/** The first value of the first row, or the failure. */
function* ask(query: string): Step<string | Outcome> {
  yield { type: "send", bytes: message("Q", text(query)) };
  let row: string | undefined;
  for (;;) {
    const { type, body } = yield* receive();
    if (type === "E") return badResponse(errorIn(body));
    if (type === "D") row ??= firstValue(body);
    if (type === "Z") return row ?? mismatch("the query returned no row");
  }
}

function* receive(): Step<Message> {
  return (yield { type: "receive", take }) ?? { type: "", body: Buffer.alloc(0) };
}

const take: Take<Message> = (rest) => {
  if (rest.length < HEAD_BYTES) return undefined;
  const lengthBytes = 1 + rest.readUInt32BE(1);
  const type = String.fromCharCode(rest[0] ?? 0);
  if (lengthBytes < HEAD_BYTES || lengthBytes > PACKET_BYTES_MAX || !/[A-Za-z\d]/.test(type)) {
    return "not the protocol of PostgreSQL";
  }
  if (rest.length < lengthBytes) return undefined;
  return { packet: { type, body: rest.subarray(HEAD_BYTES, lengthBytes) }, lengthBytes };
};

const takeByte: Take<Message> = (rest) => {
  if (rest.length === 0) return undefined;
  const type = rest.toString("latin1", 0, 1);
  if (type !== "S" && type !== "N" && type !== "E") return "not the protocol of PostgreSQL";
  return { packet: { type, body: Buffer.alloc(0) }, lengthBytes: 1 };
};

/** int16 columns, then int32 length (-1 = NULL) and bytes of each. */
function firstValue(body: Buffer): string {
  if (body.length < 6) return "";
  const length = body.readInt32BE(2);
  return length < 0 ? "NULL" : body.toString("utf8", 6, 6 + length);
}

/** Fields of a letter and a text: M = the message, C = SQLSTATE. */
function errorIn(body: Buffer): string {
  const fields = new Map(
    body
      .toString("utf8")
      .split("\0")
      .map((field) => [field[0], field.slice(1)]),
  );
  return `${fields.get("M") ?? "an error"} (${fields.get("C") ?? "no code"})`;
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), untyped(body)]);
}

function untyped(body: Buffer): Buffer {
  return Buffer.concat([int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function md5(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("hex");
}

function mismatch(detail: string): Outcome {
  return { ok: false, cause: "unexpected_answer", detail };
}
