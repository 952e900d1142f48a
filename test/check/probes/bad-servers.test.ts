// Every probe against every bad server: a verdict by the deadline, with a cause, in bounded memory, and nothing left open.

import { readdirSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probe } from "../../../src/check/probes/index.ts";
import { shownBytes } from "../../../src/check/shown.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import {
  BAD_BEHAVIOURS,
  BAD_UDP_BEHAVIOURS,
  type BadBehaviour,
} from "../../helpers/bad-behaviours.ts";
import { BAD_CASES, type BadCase, TIMEOUT_MS } from "../../helpers/bad-cases.ts";
import { type BadServer, startBadServers } from "../../helpers/bad-servers.ts";
import { tcpCheck } from "../../helpers/checks.ts";
import { inTime } from "../../helpers/in-time.ts";
import { until } from "../../helpers/until.ts";
import { eventually } from "../../helpers/wait.ts";

const LATE_MS_MAX = 100;
const SENT_BYTES_MAX = 64 * 1024 * 1024;
const MEMORY_BYTES_MAX = 96 * 1024 * 1024;

/** What a failure has to tell of them, when it was there in time. */
const TOLD: Partial<Record<BadBehaviour, RegExp>> = {
  "says nothing": /^no (?:answer|banner|TLS handshake)\b/,
  "drips a byte at a time": /"2+"|hex:32|HTTP|TLS/,
  "sends a gigabyte in one line": /x{9}|65536 bytes|HTTP|TLS/,
  "resets at once": /reset|closed/i,
  "closes at once": /closed|reset/,
  "closes its half and keeps the other": /"2"|HTTP|TLS|closed/,
  "sends NULs": /0{9}|HTTP|TLS/,
  "speaks another protocol": /SSH-2|HTTP|TLS/,
  "sends a TLS alert": /hex:15|alert|HTTP|closed/,
};

const bad = startBadServers();
test.after.always(() => bad.end());

test.before("libraries that are loaded when they are needed are loaded", async () => {
  await import("dns-packet");
});

test.before("what a process opens once for all of its connections is open", async () => {
  const context = { clock: timeoutClock, signal: new AbortController().signal };
  await probe({ address: "127.0.0.1", port: 9 }, tcpCheck, context);
});

for (const cases of Object.values(BAD_CASES)) {
  (cases ?? []).forEach((one, i) => {
    // Serial: each counts the descriptors of this process.
    test.serial(`${one.config.type} (${i + 1}) outlives every bad server`, async (t) => {
      t.timeout(60_000);
      await meetAll(t, one);
    });
  });
}

async function meetAll(t: ExecutionContext, one: BadCase): Promise<void> {
  const servers = new Map<string, BadServer>();
  const content = new Set(one.content);
  if (one.over === "udp") {
    for (const name of BAD_UDP_BEHAVIOURS) servers.set(name, await bad.openUdp(name));
  } else for (const name of BAD_BEHAVIOURS) servers.set(name, await bad.openTcp(name));
  for (const [first, again, isContent] of one.endless ?? []) {
    for (const pace of ["drips", "floods"] as const) {
      const name = `${pace} ${shownBytes(Buffer.from(first + again, "latin1"))} for ever`;
      servers.set(name, await bad.openTcp({ first, again, pace }));
      if (isContent && pace === "floods") content.add(name);
    }
  }
  const openBefore = descriptors();
  const memoryBefore = process.memoryUsage.rss();
  await Promise.all(
    Array.from(servers, async ([name, server]) => {
      const result = await meet(t, one, name, server);
      if (!result.ok) {
        t.not(result.cause, "internal", `${name}: ${result.detail}`);
        const told = TOLD[name as BadBehaviour] ?? /./;
        t.true(told.test(result.detail) || isSilence(result), `${name}: ${result.detail}`);
      } else t.true(one.content === "all" || content.has(name), `${name}: ${result.detail}`);
    }),
  );
  const grownBytes = process.memoryUsage.rss() - memoryBefore;
  t.true(grownBytes < MEMORY_BYTES_MAX, `grew by ${grownBytes} bytes`);
  await until("no descriptor is left", () => descriptors() <= openBefore);
  for (const [name, server] of servers) {
    const isGone = async () => (await server.counts()).connections === 0;
    await eventually(`no connection is left to the one that ${name}`, isGone);
    await server.close();
  }
}

async function meet(
  t: ExecutionContext,
  { config }: BadCase,
  name: string,
  server: BadServer,
): Promise<ProbeResult> {
  const context = { clock: timeoutClock, signal: new AbortController().signal };
  const probing = probe({ address: "127.0.0.1", port: server.port }, config, context);
  const result = await inTime(probing, TIMEOUT_MS + LATE_MS_MAX, name);
  const { sentBytes } = await server.counts();
  t.true(sentBytes < SENT_BYTES_MAX, `${name}: took ${sentBytes} bytes`);
  t.not(result.detail, "", name);
  return result;
}

/** A busy machine may take the whole time for the first byte. */
function isSilence({ detail }: ProbeResult): boolean {
  return /^no (?:answer|banner|connection|TLS handshake)\b.* in 400 ms$/.test(detail);
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
