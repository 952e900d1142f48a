// Databases as scripts of bytes: logins that the servers of Debian do not ask for, and what is no success.

import {
  constants,
  createHash,
  createHmac,
  generateKeyPairSync,
  pbkdf2Sync,
  privateDecrypt,
} from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { scramble } from "../../../src/check/databases/mysql-password.ts";
import { scramClient } from "../../../src/check/databases/scram.ts";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probe } from "../../../src/check/probes/index.ts";
import type { CheckConfig } from "../../../src/check/types/index.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { commonCheck, tlsUse } from "../../helpers/checks.ts";
import { until } from "../../helpers/until.ts";

const NONCE = Buffer.from("abcdefghijklmnopqrst");

test("mysql: caching_sha2_password with a cached password", async (t) => {
  const proof = scramble("caching_sha2_password", "secret", NONCE) ?? Buffer.alloc(0);
  const server = await openPackets(t, mysqlPacket(0, greeting("caching_sha2_password")), [
    (bytes) => (bytes.includes(proof) ? mysqlPacket(2, "0103", "00000002000000", 3) : null),
    () => rowOf("7"),
  ]);
  t.like(await run("mysql", server.port), { ok: true, detail: 'test: row "7"' });
  await until("the farewell is said", () => server.heard.at(-1)?.toString("hex") === "0100000001");
});

test("mysql: caching_sha2_password without a cached one goes by the server's key", async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = Buffer.from(publicKey.export({ type: "spki", format: "pem" }));
  let seen = "";
  const server = await openPackets(t, mysqlPacket(0, greeting("caching_sha2_password")), [
    () => mysqlPacket(2, "0104"),
    (bytes) =>
      bytes.equals(mysqlPacket(3, "02")) ? mysqlPacket(4, `01${pem.toString("hex")}`) : null,
    (bytes) => {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const plain = privateDecrypt({ key: privateKey, padding }, bytes.subarray(4));
      seen = Buffer.from(plain.map((byte, at) => byte ^ (NONCE[at % 20] ?? 0))).toString();
      return mysqlPacket(6, "00000002000000");
    },
    () => rowOf("7"),
  ]);
  t.like(await run("mysql", server.port), { ok: true });
  t.is(seen, "secret\0");
});

test("mysql: a server that is full says so before anything else", async (t) => {
  const error = Buffer.from("Too many connections").toString("hex");
  const server = await openPackets(t, mysqlPacket(0, `ff1004${error}`), []);
  const detail = "Too many connections (1040)";
  t.like(await run("mysql", server.port), { ok: false, cause: "bad_response", detail });
});

test("mysql: a login that duet does not know", async (t) => {
  const server = await openPackets(t, mysqlPacket(0, greeting("mysql_native_password")), [
    () => mysqlPacket(2, `fe${Buffer.from("dialog\0").toString("hex")}`),
  ]);
  const detail = 'the server wants "dialog", which duet does not know';
  t.like(await run("mysql", server.port), { ok: false, cause: "login_failed", detail });
});

test("mysql: TLS that is not offered is not done without", async (t) => {
  const server = await openPackets(t, mysqlPacket(0, greeting("mysql_native_password")), []);
  const detail = "the server does not offer TLS";
  t.like(await run("mysql", server.port, { tls: USE }), {
    ok: false,
    cause: "bad_response",
    detail,
  });
});

for (const [name, request, right] of [
  ["cleartext", "00000003", "secret\0"],
  ["md5", "0000000501020304", `md5${md5Of("secretprobe", "01020304")}\0`],
] as const) {
  test(`postgresql: a login by ${name}`, async (t) => {
    const server = await openPackets(t, null, [
      () => pgMessage("R", request),
      (bytes) =>
        bytes.subarray(5).toString() === right
          ? Buffer.concat([pgMessage("R", "00000000"), pgMessage("Z", "49")])
          : null,
      () => Buffer.concat([pgMessage("D", "00010000000137"), pgMessage("Z", "49")]),
    ]);
    t.like(await run("postgresql", server.port), { ok: true, detail: 'row "7"' });
  });
}

test("postgresql: a server without TLS is not done without", async (t) => {
  const server = await openPackets(t, null, [() => Buffer.from("N")]);
  const detail = "the server does not offer TLS";
  t.like(await run("postgresql", server.port, { tls: USE }), { ok: false, detail });
});

test("postgresql: a standby where a primary is wanted", async (t) => {
  const ready = Buffer.concat([pgMessage("R", "00000000"), pgMessage("Z", "49")]);
  const standby = Buffer.concat([pgMessage("D", "00010000000174"), pgMessage("Z", "49")]);
  const answers = [() => ready, () => standby];
  const server = await openPackets(t, null, answers);
  t.like(await run("postgresql", server.port, { role: "primary" }), {
    ok: false,
    cause: "unexpected_answer",
    detail: "it is a standby, wanted a primary",
  });
  t.like(
    await run("postgresql", (await openPackets(t, null, [...answers, () => standby])).port, {
      role: "standby",
    }),
    {
      ok: true,
      detail: "standby",
    },
  );
});

test("scramClient() proves the password and asks for the server's proof", (t) => {
  const client = scramClient("pencil", "rOprNGfwEbeRWgbNEkqO");
  t.is(client.first, "n,,n=,r=rOprNGfwEbeRWgbNEkqO");
  const salt = Buffer.from("salt").toString("base64");
  const challenge = `r=rOprNGfwEbeRWgbNEkqOserver,s=${salt},i=4096`;
  const final = client.final(challenge) ?? "";
  const [, withoutProof = "", proof = ""] = /^(.*),p=(.*)$/.exec(final) ?? [];
  const all = `n=,r=rOprNGfwEbeRWgbNEkqO,${challenge},${withoutProof}`;
  const salted = pbkdf2Sync("pencil", "salt", 4096, 32, "sha256");
  const storedKey = sha256(hmac(salted, "Client Key"));
  // RFC 5802 §3: the server gets the client's key out of the proof, and compares its hash.
  const key = Buffer.from(proof, "base64").map(
    (byte, at) => byte ^ (hmac(storedKey, all)[at] ?? 0),
  );
  t.deepEqual(sha256(Buffer.from(key)), storedKey);
  t.true(client.isServer(`v=${hmac(hmac(salted, "Server Key"), all).toString("base64")}`));
  t.false(client.isServer(`v=${hmac(salted, all).toString("base64")}`));
});

for (const challenge of [
  "",
  "r=other,s=YQ==,i=4096",
  "r=abcd,s=YQ==,i=0",
  "r=abcd,s=YQ==,i=999999",
]) {
  test(`scramClient() refuses the challenge "${challenge}"`, (t) => {
    t.is(scramClient("p", "abc").final(challenge), undefined);
  });
}

const USE = { ...tlsUse, serverName: null };

function greeting(plugin: string): string {
  const bytes = Buffer.concat([
    Buffer.from("\x0atest\0"),
    Buffer.alloc(4),
    NONCE.subarray(0, 8),
    Buffer.from("0000820200000008001500000000000000000000", "hex").subarray(0, 9),
    Buffer.alloc(10),
    NONCE.subarray(8),
    Buffer.from(`\0${plugin}\0`),
  ]);
  return bytes.toString("hex");
}

/** Hex of one packet, or of two when a second one and its number follow. */
function mysqlPacket(sequence: number, hex: string, second?: string, secondSequence = 0): Buffer {
  const body = Buffer.from(hex, "hex");
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = sequence;
  const one = Buffer.concat([head, body]);
  return second === undefined ? one : Buffer.concat([one, mysqlPacket(secondSequence, second)]);
}

function rowOf(digit: string): Buffer {
  const eof = "fe00000200";
  const row = `01${Buffer.from(digit).toString("hex")}`;
  const bodies = ["01", "03646566", eof, row, eof];
  return Buffer.concat(bodies.map((body, at) => mysqlPacket(at + 1, body)));
}

function pgMessage(type: string, hex: string): Buffer {
  const body = Buffer.from(hex, "hex");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

function md5Of(secret: string, salt: string): string {
  const inner = createHash("md5").update(secret).digest("hex");
  return createHash("md5").update(inner).update(Buffer.from(salt, "hex")).digest("hex");
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** Answers each chunk in turn; null = the connection is closed. */
async function openPackets(
  t: ExecutionContext,
  first: Buffer | null,
  answers: readonly ((bytes: Buffer) => Buffer | null)[],
): Promise<{ readonly port: number; readonly heard: Buffer[] }> {
  const heard: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    if (first !== null) socket.write(first);
    let turn = 0;
    socket.on("data", (bytes: Buffer) => {
      heard.push(bytes);
      const answer = answers[turn++]?.(bytes);
      if (answer === null) socket.end();
      else if (answer !== undefined) socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, heard };
}

async function run(
  type: "mysql" | "postgresql",
  port: number,
  more: object = {},
): Promise<ProbeResult> {
  const config = {
    ...commonCheck,
    type,
    tls: null,
    login: { name: "probe", password: "secret" },
    database: null,
    query: "SELECT 7",
    role: null,
    timeoutMs: 120_000,
    ...more,
  } as CheckConfig;
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probe({ address: "127.0.0.1", port }, config, context);
}
