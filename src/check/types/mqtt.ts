// MQTT: a CONNECT, and the CONNACK that accepts it. MQTT 3.1.1 §3.1, §3.2; MQTT 5.0 §3.1, §3.2.

import { oneOf, word } from "../../config/schema/plain-types.ts";
import { wholeChance } from "../../lib/chance.ts";
import { PACKET_BYTES_MAX, type PacketDialogue, refused, type Take } from "../databases/packets.ts";
import { badResponse } from "../probes/attempt.ts";
import { connects } from "./connects.ts";
import { type Login, login as loginPart } from "./login.ts";
import { tlsOption } from "./tls.ts";
import { type CheckKind, plain } from "./type.ts";

// biome-ignore format: a table, a row a key
const session = plain({
  mqtt_version: { field: "version", type: oneOf("3.1.1", "5"), default: "3.1.1", level: "basic", doc: "Version of MQTT that is spoken" },
  client_id: { field: "clientId", type: word, otherwise: "duet and random digits, others in each probe", example: "duet1",
    doc: "Client identifier of the session; a broker ends the session of another client that has the same, so each director needs its own" },
});

const KIND = { connect: 0x10, connack: 0x20, disconnect: 0xe0 } as const;
/** §3.1.2.3: what was left of an earlier session is of no use. */
const FLAGS = { cleanStart: 0x02, password: 0x40, user: 0x80 } as const;
const KEEP_ALIVE_S = 60;

export const mqtt = {
  doc: "a session that is accepted",
  parts: [session, tlsOption, loginPart, connects],
  packets: { dialogue, tlsFirst: true, bye: packet(KIND.disconnect) },
} as const satisfies CheckKind;

type Session = ReturnType<typeof session.build> & { readonly login: Login | null };

function* dialogue({ version, clientId, login }: Session): PacketDialogue<Buffer> {
  const hasPassword = login !== null && login.password !== "";
  const flags =
    FLAGS.cleanStart | (login === null ? 0 : FLAGS.user) | (hasPassword ? FLAGS.password : 0);
  const bytes = packet(
    KIND.connect,
    text("MQTT"),
    Buffer.of(version === "5" ? 5 : 4, flags, 0, KEEP_ALIVE_S),
    // Version 5: no properties.
    version === "5" ? Buffer.of(0) : Buffer.of(),
    text(clientId ?? `duet${wholeChance(0, 2 ** 40)}`),
    ...(login === null ? [] : [text(login.name)]),
    ...(hasPassword ? [text(login.password)] : []),
  );
  yield { type: "send", bytes };
  const [sessionPresent, code] = (yield { type: "receive", take }) ?? Buffer.of();
  if (sessionPresent === undefined || code === undefined)
    return badResponse("CONNACK without a code");
  if (code === 0 && sessionPresent !== 0) return badResponse("a session that nobody asked for");
  if (code === 0) return { ok: true, detail: `accepted by MQTT ${version}` };
  const detail = CODES[code] ?? `reason code ${code}`;
  return LOGIN_CODES.has(code)
    ? refused(detail)
    : { ok: false, cause: "unexpected_answer", detail };
}

/** What stands behind the fixed header of a CONNACK. */
const take: Take<Buffer> = (rest) => {
  if (rest.length > 0 && rest[0] !== KIND.connack) return NO_MQTT;
  let length = 0;
  // §2.2.3: the remaining length, 7 bits a byte, the lowest first.
  for (let at = 1; at < rest.length; at += 1) {
    const byte = rest[at] ?? 0;
    length += (byte & 0x7f) * 128 ** (at - 1);
    if (length > PACKET_BYTES_MAX || at > LENGTH_BYTES_MAX) return NO_MQTT;
    if (byte >= 0x80) continue;
    const end = at + 1 + length;
    return rest.length < end ? undefined : { packet: rest.subarray(at + 1, end), lengthBytes: end };
  }
  return undefined;
};

const LENGTH_BYTES_MAX = 4;
const NO_MQTT = "not the protocol of MQTT";

/** Up to 5 of 3.1.1 §3.2.2.3, which a broker that does not know version 5 says to it too; then of 5.0 §3.2.2.2. */
const CODES: Readonly<Record<number, string>> = {
  1: "unacceptable protocol version",
  2: "identifier rejected",
  3: "server unavailable",
  4: "bad user name or password",
  5: "not authorized",
  128: "unspecified error",
  129: "malformed packet",
  130: "protocol error",
  131: "implementation specific error",
  132: "unsupported protocol version",
  133: "client identifier not valid",
  134: "bad user name or password",
  135: "not authorized",
  136: "server unavailable",
  137: "server busy",
  138: "banned",
  140: "bad authentication method",
  149: "packet too large",
  151: "quota exceeded",
  156: "use another server",
  157: "server moved",
  159: "connection rate exceeded",
};
const LOGIN_CODES: ReadonlySet<number> = new Set([4, 5, 134, 135, 138, 140]);

function packet(kind: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = body.length; rest > 0 || length.length === 0; rest = Math.floor(rest / 128)) {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
  }
  return Buffer.concat([Buffer.of(kind, ...length), body]);
}

/** §1.5.3. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
