// Every probe against every bad server: a verdict by the deadline, with a cause, in bounded memory, and nothing left open.

import { readdirSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import type { CheckConfig, CheckConfigOf, CheckType } from "../../../src/check/model.ts";
import { probe } from "../../../src/check/probes/index.ts";
import { nowMs, timeoutClock } from "../../../src/lib/clock.ts";
import {
  BAD_BEHAVIOURS,
  BAD_UDP_BEHAVIOURS,
  type BadServer,
  openBadServer,
  openBadUdpServer,
} from "../../helpers/bad-servers.ts";
import { commonCheck, httpQuestion, tlsUse } from "../../helpers/checks.ts";
import { until } from "../../helpers/until.ts";

const TIMEOUT_MS = 400;
/** A probe that starts its limit again at every byte takes for ever; a busy machine does not. */
const SLACK_MS = 3000;
const SENT_BYTES_MAX = 64 * 1024 * 1024;
const MEMORY_BYTES_MAX = 96 * 1024 * 1024;

const common = { ...commonCheck, timeoutMs: TIMEOUT_MS };

const PING = Buffer.from("PING\r\n").toString("hex");
const DIALOGUE = [
  { kind: "send", hex: PING },
  { kind: "expect", hex: PING },
] as const;

const upgrade = { tls: null, path: "/", host: null, headers: [] };

type Case<C extends CheckConfig = CheckConfig> = {
  readonly config: C;
  /** Bad servers that are good enough for it; "all" where it only connects. */
  readonly content?: readonly string[] | "all";
  readonly over?: "udp";
};

const talkUse = { tls: null, starttls: false, login: { name: "anna", password: "secret" } };

const database = { ...talkUse, database: null, query: "SELECT 1" };

const question = {
  queryName: ".",
  queryType: "SOA",
  recursion: true,
  rcode: "NOERROR",
  answer: null,
} as const;

const lengths = { replyBytesMin: 0, replyBytesMax: 255 };

const radius = {
  secret: "s",
  nasIp: null,
  nasIdentifier: "duet",
  reply: "any",
  requireMessageAuthenticator: false,
} as const;

const ldap = { tls: null, starttls: false, login: null, base: "" } as const;

const sip = { tls: null, to: null, from: null, status: [[200, 299]] } as const;

/** A new type of check is a line here; null = it asks no server. */
const CASES: { readonly [T in CheckType]: readonly Case<CheckConfigOf<T>>[] | null } = {
  tcp: [
    {
      config: { ...common, type: "tcp", tls: null, steps: [] },
      content: "all",
    },
    {
      config: { ...common, type: "tcp", tls: null, steps: DIALOGUE },
      content: ["sends back what it gets"],
    },
    { config: { ...common, type: "tcp", tls: tlsUse, steps: [] } },
  ],
  misc: null,
  file: null,
  bfd: null,
  on: null,
  off: null,
  tls: [{ config: { ...common, type: "tls", tls: tlsUse } }],
  http: [
    { config: { ...common, ...httpQuestion, type: "http", tls: null } },
    { config: { ...common, ...httpQuestion, protocol: "1.0", type: "http", tls: null } },
    { config: { ...common, ...httpQuestion, protocol: "2", type: "http", tls: null } },
  ],
  redis: [{ config: { ...common, type: "redis", tls: null, login: null, role: null } }],
  memcached: [{ config: { ...common, type: "memcached", tls: null } }],
  websocket: [{ config: { ...common, ...upgrade, type: "websocket" } }],
  grpc: [{ config: { ...common, type: "grpc", tls: null, host: null, service: "" } }],
  https: [{ config: { ...common, ...httpQuestion, type: "https", tls: tlsUse } }],
  smtp: [
    { config: { ...common, type: "smtp", ...talkUse, heloName: "localhost" } },
    { config: { ...common, type: "smtp", ...talkUse, heloName: "localhost", tls: tlsUse } },
  ],
  pop3: [{ config: { ...common, type: "pop3", ...talkUse } }],
  imap: [{ config: { ...common, type: "imap", ...talkUse } }],
  ftp: [{ config: { ...common, type: "ftp", ...talkUse } }],
  nntp: [{ config: { ...common, type: "nntp", ...talkUse } }],
  dns: [
    { config: { ...common, type: "dns", transport: "udp", ...question }, over: "udp" },
    { config: { ...common, type: "dns", transport: "tcp", ...question } },
  ],
  udp: [
    {
      config: { ...common, type: "udp", payload: null, reply: "0a0b0c0dXX", ...lengths },
      over: "udp",
    },
    {
      config: { ...common, type: "udp", payload: null, reply: null, ...lengths },
      over: "udp",
      content: "all",
    },
  ],
  ping: null,
  ldap: [
    { config: { ...common, type: "ldap", ...ldap } },
    { config: { ...common, type: "ldap", ...ldap, starttls: true, tls: tlsUse } },
  ],
  mysql: [{ config: { ...common, type: "mysql", ...database } }],
  postgresql: [
    { config: { ...common, type: "postgresql", ...database, role: null } },
    { config: { ...common, type: "postgresql", ...database, role: null, tls: tlsUse } },
  ],
  radius: [
    { config: { ...common, type: "radius", ...radius, login: null }, over: "udp" },
    { config: { ...common, type: "radius", ...radius, login: talkUse.login }, over: "udp" },
  ],
  sip: [
    { config: { ...common, type: "sip", ...sip, transport: "udp" }, over: "udp" },
    { config: { ...common, type: "sip", ...sip, transport: "tcp" } },
    { config: { ...common, type: "sip", ...sip, transport: "tcp", tls: tlsUse } },
  ],
  ntp: [{ config: { ...common, type: "ntp", stratumMax: 15 }, over: "udp" }],
};

for (const cases of Object.values(CASES)) {
  (cases ?? []).forEach((one, i) => {
    // Serial: each counts the descriptors of this process.
    test.serial(`${one.config.type} (${i + 1}) outlives every bad server`, async (t) => {
      t.timeout(60_000);
      await meetAll(t, one);
    });
  });
}

async function meetAll(t: ExecutionContext, one: Case): Promise<void> {
  const servers = new Map<string, BadServer>();
  if (one.over === "udp") {
    for (const name of BAD_UDP_BEHAVIOURS) servers.set(name, await openBadUdpServer(name));
  } else for (const name of BAD_BEHAVIOURS) servers.set(name, await openBadServer(name));
  t.teardown(async () => {
    for (const server of servers.values()) await server.close();
  });
  const openBefore = descriptors();
  const memoryBefore = process.memoryUsage.rss();
  await Promise.all(Array.from(servers, async ([name, server]) => meet(t, one, name, server)));
  const grownBytes = process.memoryUsage.rss() - memoryBefore;
  t.true(grownBytes < MEMORY_BYTES_MAX, `grew by ${grownBytes} bytes`);
  await until("no connection is left", () =>
    [...servers.values()].every((server) => server.connections() === 0),
  );
  await until("no descriptor is left", () => descriptors() <= openBefore);
}

async function meet(
  t: ExecutionContext,
  { config, content = [] }: Case,
  name: string,
  server: BadServer,
): Promise<void> {
  const context = { clock: timeoutClock, signal: new AbortController().signal };
  const startedMs = nowMs();
  const result = await probe({ address: "127.0.0.1", port: server.port }, config, context);
  const tookMs = nowMs() - startedMs;
  t.true(tookMs < TIMEOUT_MS + SLACK_MS, `${name}: took ${tookMs} ms`);
  t.true(server.sentBytes() < SENT_BYTES_MAX, `${name}: took ${server.sentBytes()} bytes`);
  t.not(result.detail, "", name);
  if (result.ok) t.true(content === "all" || content.includes(name), `${name}: ${result.detail}`);
  else t.not(result.cause, "internal", `${name}: ${result.detail}`);
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
