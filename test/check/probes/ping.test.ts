import { readdirSync } from "node:fs";
import { release } from "node:os";
import test from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probePing } from "../../../src/check/probes/ping.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { commonCheck } from "../../helpers/checks.ts";

for (const address of ["127.0.0.1", "127.9.8.7", "::1"]) {
  test(`probePing() hears ${address}`, async (t) => {
    t.log(`Linux ${release()}`);
    t.like(await run(address), { ok: true, detail: "echo" });
  });
}

test("probePing() comes from where it is told to", async (t) => {
  const source = { address: "127.3.2.1", port: null, interface: "lo", fwmark: 7 };
  t.like(await run("127.0.0.1", { source }), { ok: true });
});

test("probePing() says why it cannot leave", async (t) => {
  // Documentation addresses (RFC 3849) that nothing routes from the loopback interface.
  const source = { address: null, port: null, interface: "lo", fwmark: null };
  const result = await run("2001:db8::1", { source, timeoutMs: 100 });
  t.false(result.ok);
});

test("many at once find their own replies, and leave nothing open", async (t) => {
  const before = readdirSync("/proc/self/fd").length;
  const results = await Promise.all(Array.from({ length: 200 }, async () => run("127.0.0.1")));
  t.true(results.every(({ ok }) => ok));
  t.true(readdirSync("/proc/self/fd").length <= before + 5);
});

async function run(
  address: string,
  more: { timeoutMs?: number; source?: (typeof commonCheck)["source"] } = {},
): Promise<ProbeResult> {
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probePing({ address, port: 0 }, { ...commonCheck, type: "ping", ...more }, context);
}
