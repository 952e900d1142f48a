// A hundred thousand checks leave no descriptor open, and no memory behind.

import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import test from "ava";
import type { Target } from "../../src/check/model.ts";
import { probe } from "../../src/check/probes/index.ts";
import type { CheckConfig } from "../../src/check/types/index.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { commonCheck, httpQuestion, tcpCheck } from "../helpers/checks.ts";
import { refusedPort } from "../helpers/servers.ts";
import { until } from "../helpers/until.ts";

const CHECKS = 100_000;
const AT_ONCE = 100;
const GROWN_BYTES_MAX = 64 * 1024 * 1024;

const common = { ...commonCheck, timeoutMs: 120_000 };
const http = { ...common, ...httpQuestion, type: "http", tls: null } as const;
const tcp = { ...tcpCheck, timeoutMs: 120_000 };

test(`${CHECKS} checks leave nothing open`, async (t) => {
  t.timeout(120_000);
  const server = fork(new URL("../helpers/answering-process.js", import.meta.url));
  t.teardown(() => server.kill("SIGKILL"));
  const [port] = (await once(server, "message")) as [number];
  const refused = await refusedPort();
  const counts = { ok: 0, refused: 0, other: 0 };
  let begun = 0;

  // Of every ten: five connections, four questions, and one that is refused. Many addresses, so that ports suffice.
  function next(nth: number): { readonly target: Target; readonly config: CheckConfig } {
    const address = `127.0.0.${1 + (nth % 100)}`;
    if (nth % 10 === 9) return { target: { address, port: refused }, config: tcp };
    return { target: { address, port }, config: nth % 2 === 0 ? tcp : http };
  }

  async function checkOn(upTo: number): Promise<void> {
    while (begun < upTo) {
      begun += 1;
      const { target, config } = next(begun);
      const { signal } = new AbortController();
      const result = await probe(target, config, { signal, clock: timeoutClock });
      if (result.ok) counts.ok += 1;
      else if (result.cause === "connect_refused") counts.refused += 1;
      else counts.other += 1;
    }
  }

  async function checkAll(upTo: number): Promise<void> {
    await Promise.all(Array.from({ length: AT_ONCE }, async () => checkOn(upTo)));
  }

  await checkAll(CHECKS / 100);
  const openBefore = descriptors();
  const memoryBefore = process.memoryUsage.rss();
  await checkAll(CHECKS);
  await until("no descriptor is left", () => descriptors() <= openBefore);
  const grownBytes = process.memoryUsage.rss() - memoryBefore;
  t.true(grownBytes < GROWN_BYTES_MAX, `grew by ${grownBytes} bytes`);
  t.deepEqual(counts, { ok: 0.9 * CHECKS, refused: 0.1 * CHECKS, other: 0 });
});

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
