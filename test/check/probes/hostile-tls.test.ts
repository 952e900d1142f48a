// Servers that are hostile in TLS: what they send on the way is cut, turned, doubled or made endless. OpenSSL reads it in our own
// process, so each is the failure of that probe, with a cause, and nothing else: no exception, nothing left open.

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { type AddressInfo, connect, createServer as createRelay, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probe } from "../../../src/check/probes/index.ts";
import type { CheckConfig } from "../../../src/check/types/index.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { certificates } from "../../helpers/certificates.ts";
import { commonCheck, httpQuestion, tlsUse } from "../../helpers/checks.ts";
import { openServer } from "../../helpers/servers.ts";
import { eventually } from "../../helpers/wait.ts";

const common = { ...commonCheck, timeoutMs: 400 };

const CONFIGS: readonly CheckConfig[] = [
  { ...common, ...httpQuestion, type: "https", tls: tlsUse },
  { ...common, type: "tls", tls: tlsUse },
  { ...common, type: "websocket", tls: tlsUse, path: "/", host: null, headers: [] },
  { ...common, type: "grpc", tls: tlsUse, host: null, service: "" },
];

/** Something for the bytes of the server; null = the connection is cut here. */
type Turn = (bytes: Buffer, fromByte: number) => Buffer | null;

const ROUNDS = 24;
/** What a server of TLS 1.3 sends until its handshake is done is some 1000 bytes. */
const HANDSHAKE_BYTES = 1200;

/** The same numbers in every run. */
function spread(round: number): number {
  return Math.trunc(HANDSHAKE_BYTES * ((round * 0.618_033_988_75) % 1));
}

const TURNS: Readonly<Record<string, (round: number) => Turn>> = {
  "is cut": (round) => (bytes, from) => (from + bytes.length > spread(round) ? null : bytes),
  "has a byte turned": (round) => (bytes, from) => {
    const turned = Buffer.from(bytes);
    const at = spread(round) - from;
    if (at >= 0 && at < turned.length) turned[at] = (turned[at] ?? 0) ^ (1 << (round % 8));
    return turned;
  },
  "has garbage in it": (round) => (bytes, from) => {
    const at = spread(round) - from;
    if (at < 0 || at >= bytes.length) return bytes;
    const garbage = Buffer.from("170303ffff".repeat(1 + round), "hex");
    return Buffer.concat([bytes.subarray(0, at), garbage, bytes.subarray(at)]);
  },
  "comes twice": () => (bytes) => Buffer.concat([bytes, bytes]),
  "says another length": (round) => (bytes, from) => {
    const turned = Buffer.from(bytes);
    if (from === 0 && turned.length > 5) turned.writeUInt16BE((round * 2741) % 65_536, 3);
    return turned;
  },
};

/** A relay to a good server whose answers are turned. */
async function openBetween(
  t: ExecutionContext,
  toPort: number,
  turn: Turn,
): Promise<{ readonly port: number; readonly connections: () => number }> {
  const open = new Set<Socket>();
  const relay = createRelay((client) => {
    const server = connect(toPort, "127.0.0.1");
    let fromByte = 0;
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server);
    server.on("data", (bytes) => {
      const turned = turn(bytes, fromByte);
      fromByte += bytes.length;
      if (turned === null) client.destroy();
      else client.write(turned);
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  t.teardown(() => void relay.close());
  return { port: (relay.address() as AddressInfo).port, connections: () => open.size };
}

async function ask(config: CheckConfig, port: number): Promise<ProbeResult> {
  const context = { clock: timeoutClock, signal: new AbortController().signal };
  return probe({ address: "127.0.0.1", port }, config, context);
}

function isTold(t: ExecutionContext, result: ProbeResult, what: string): void {
  if (result.ok) return;
  t.not(result.cause, "internal", `${what}: ${result.detail}`);
  t.not(result.detail, "", what);
}

async function openGood(
  t: ExecutionContext,
  more: { readonly chain?: number; readonly maxVersion?: "TLSv1.2" } = {},
): Promise<number> {
  const made = certificates(t);
  const { cert, key } = made.make(30);
  const chain = readFileSync(made.ca, "utf8").repeat(more.chain ?? 0);
  const server = createServer(
    {
      cert: `${readFileSync(cert, "utf8")}${chain}`,
      key: readFileSync(key),
      ALPNProtocols: ["h2", "http/1.1"],
      ...(more.maxVersion && { maxVersion: more.maxVersion }),
    },
    (_request, response) => void response.end("ok"),
  );
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => void server.close());
  return (server.address() as AddressInfo).port;
}

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  for (const [what, turnOf] of Object.entries(TURNS)) {
    test.serial(`${version}, and what the server sends ${what}`, async (t) => {
      t.timeout(120_000);
      const good = await openGood(t, version === "TLSv1.2" ? { maxVersion: version } : {});
      let failures = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const between = await openBetween(t, good, turnOf(round));
        const results = await Promise.all(CONFIGS.map(async (config) => ask(config, between.port)));
        for (const [i, result] of results.entries()) {
          isTold(t, result, `${CONFIGS[i]?.type}, round ${round}`);
          if (!result.ok) failures += 1;
        }
        await eventually("no connection is left", () => between.connections() === 0);
      }
      t.not(failures, 0);
    });
  }
}

test.serial("a chain of certificates that is too long is said", async (t) => {
  const long = await openGood(t, { chain: 400 });
  for (const config of CONFIGS) {
    const result = await ask({ ...config, timeoutMs: 20_000 }, long);
    t.like(result, { ok: false, cause: "tls_failed" }, `${config.type}: ${result.detail}`);
    t.regex(result.detail, /message size/, config.type);
  }
});

const hex = (text: string): Buffer => Buffer.from(text, "hex");

/** Records that mean little or nothing, for ever. */
const ENDLESS: Readonly<Record<string, Buffer>> = {
  "empty handshake records": hex("1603030000"),
  "empty records of data": hex("1703030000"),
  "warnings (user_canceled)": hex("1503030002015a"),
  HelloRequest: hex("160303000400000000"),
  ChangeCipherSpec: hex("140303000101"),
  "ServerHello that is too short": hex("160303000602000002" + "0303"),
  "unknown records": hex("99030300020000"),
};

for (const [what, record] of Object.entries(ENDLESS)) {
  test.serial(`a server that sends ${what} without an end`, async (t) => {
    const flood = Buffer.concat(Array<Buffer>(4000).fill(record));
    const server = await openServer((socket) => {
      const more = (): void => void socket.write(flood, (error) => !error && setImmediate(more));
      more();
    });
    t.teardown(server.close);
    for (const config of CONFIGS) {
      const result = await ask(config, server.port);
      t.false(result.ok, `${config.type}: ${result.detail}`);
      isTold(t, result, `${config.type}, ${what}`);
    }
    await eventually("no connection is left", () => server.connections() === 0);
  });
}
