// Probes that only connect, between whole ones.

import test from "ava";
import fc from "fast-check";
import type { ProbeResult } from "../../src/check/model.ts";
import { probe as realProbe } from "../../src/check/probes/index.ts";
import { openRunner } from "../../src/check/runner.ts";
import type { CheckConfigOf } from "../../src/check/types/index.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { commonCheck, httpQuestion } from "../helpers/checks.ts";
import { openServer } from "../helpers/servers.ts";
import { until } from "../helpers/until.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const config: CheckConfigOf<"http"> = {
  ...commonCheck,
  ...httpQuestion,
  type: "http",
  tls: null,
  intervalMs: 1000,
  timeoutMs: 500,
  connects: 2,
};

/** What each probe was, w = whole and c = a connection, upper case where it failed; and what the verdicts were. */
async function run(
  more: Partial<CheckConfigOf<"http">>,
  assumeUp: boolean,
  answers: readonly boolean[],
): Promise<string> {
  const { clock, advance } = virtualClock();
  let told = "";
  const queue = [...answers];
  const runner = openRunner({
    clock,
    onVerdict: (_key, up) => void (told += up ? "↑" : "↓"),
    probe: async (_target, { type }) => {
      const ok = queue.shift() ?? true;
      const word = type === "tcp" ? "c" : "w";
      told += ok ? word : word.toUpperCase();
      const result: ProbeResult = ok
        ? { ok, detail: "", tookMs: 0 }
        : { ok, cause: "wrong_status", detail: "503", tookMs: 0 };
      return Promise.resolve(result);
    },
  });
  const how = { assumeUp, firstDelayMs: 0, chance: 0 };
  runner.start("k", { address: "10.0.0.1", port: 80 }, { ...config, ...more }, how);
  while (queue.length > 0) {
    advance(100);
    while (runner.state("k")?.phase.name !== "waiting") await Promise.resolve();
  }
  runner.close();
  return told;
}

const good = (count: number): boolean[] => Array.from({ length: count }, () => true);

test("two connections follow each whole probe that succeeds", async (t) => {
  t.is(await run({}, true, good(7)), "wccwccw");
  t.is(await run({}, false, good(4)), "w↑ccw");
  t.is(await run({ connects: 0 }, true, good(3)), "www");
});

test("a connection that fails is followed by a whole probe", async (t) => {
  t.is(await run({ retry: 1, delayBeforeRetryMs: 1000 }, true, [true, false, true, true]), "wCwc");
  t.is(
    await run({ retry: 1, delayBeforeRetryMs: 1000 }, true, [true, false, false, true]),
    "wCW↓w↑",
  );
});

test("a server that is DOWN comes back by whole probes only", async (t) => {
  t.is(await run({ rise: 3 }, false, [true, true, true, true]), "www↑c");
});

test("of three probes in a row at least one is whole, and so is each one after a failure", async (t) => {
  const lists = fc.array(fc.boolean(), { minLength: 3, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      lists,
      fc.boolean(),
      fc.integer({ min: 1, max: 3 }),
      async (answers, up, rise) => {
        const told = (await run({ rise }, up, answers)).replaceAll(/[↑↓]/g, "");
        t.false(/[cC]{3}/.test(told), told);
        t.false(/[CW][cC]/.test(told), told);
      },
    ),
  );
});

test("a connection of an http check asks for nothing", async (t) => {
  const server = await openServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
  t.teardown(server.close);
  let connections = 0;
  const runner = openRunner({
    clock: timeoutClock,
    onVerdict: () => {},
    async probe(...asked) {
      const result = await realProbe(...asked);
      connections += 1;
      // What is under way when the runner is closed is cut off, and no failure.
      if (connections <= 7) t.true(result.ok, result.detail);
      if (connections === 7) runner.close();
      return result;
    },
  });
  t.teardown(runner.close);
  const how = { assumeUp: true, firstDelayMs: 0, chance: 0 };
  const often = { ...config, intervalMs: 10, timeoutMs: 5000 };
  runner.start("k", { address: "127.0.0.1", port: server.port }, often, how);
  await until("seven probes", () => connections >= 7);
  t.true(server.requests.length >= 3 && server.requests.length <= 4, `${server.requests.length}`);
});
