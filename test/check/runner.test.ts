import test from "ava";
import type { ProbeResult, Target } from "../../src/check/model.ts";
import type { Probe } from "../../src/check/probes/probe.ts";
import { openRunner, type Runner } from "../../src/check/runner.ts";
import type { CheckConfigOf } from "../../src/check/types/index.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { commonCheck } from "../helpers/checks.ts";
import { openServer } from "../helpers/servers.ts";
import { freeTurns, turnsByHand } from "../helpers/turns-by-hand.ts";
import { until } from "../helpers/until.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const config: CheckConfigOf<"tcp"> = {
  ...commonCheck,
  type: "tcp",
  timeoutMs: 500,
  delayBeforeRetryMs: 100,
  tls: null,
  steps: [],
};
const up: ProbeResult = { ok: true, detail: "connected", tookMs: 1 };
const down: ProbeResult = {
  ok: false,
  cause: "connect_refused",
  detail: "ECONNREFUSED",
  tookMs: 1,
};

type Running = {
  readonly port: number;
  readonly signal: { readonly aborted: boolean };
  readonly end: (result: ProbeResult) => Promise<void>;
};

// Probes that end when the test says so.
function bench(
  probesInFlightMax?: number,
  youngProbesMax?: number,
  turns = freeTurns,
): {
  runner: Runner;
  advance: (ms: number) => void;
  stall: (ms: number) => void;
  running: Running[];
  verdicts: string[];
  startMany: (count: number) => void;
} {
  const { clock, advance, stall } = virtualClock();
  const running: Running[] = [];
  const verdicts: string[] = [];
  const probe: Probe = async ({ port }, _config, { signal }) =>
    new Promise((resolve) => {
      const end = async (result: ProbeResult): Promise<void> => {
        running.splice(running.indexOf(one), 1);
        resolve(result);
        await settled();
      };
      const one: Running = { port, signal, end };
      running.push(one);
    });
  const runner = openRunner({
    clock,
    probe,
    turns,
    ...(probesInFlightMax === undefined ? {} : { probesInFlightMax }),
    ...(youngProbesMax === undefined ? {} : { youngProbesMax }),
    onVerdict: (key, isUp, { cause, detail }) =>
      verdicts.push(`${key} ${isUp ? "UP" : "DOWN"} ${cause} ${detail}`),
  });
  const startMany = (count: number): void => {
    for (let port = 1; port <= count; port += 1)
      runner.start(`rs${port}`, target(port), config, now);
  };
  return { runner, advance, stall, running, verdicts, startMany };
}

const now = { assumeUp: true, firstDelayMs: 0, chance: 0 };

test("a checker's verdict reaches the caller with its cause", async (t) => {
  const { runner, advance, running, verdicts } = bench();
  runner.start("web/rs1/tcp", target(80), config, now);
  advance(0);
  await running[0]?.end(down);
  t.deepEqual(verdicts, ["web/rs1/tcp DOWN connect_refused ECONNREFUSED"]);
  t.false(runner.state("web/rs1/tcp")?.up);
  advance(1000);
  await running[0]?.end(up);
  t.is(verdicts[1], "web/rs1/tcp UP success connected");
});

test("probes over the limit wait, and start in order as others end", async (t) => {
  const { advance, running, startMany } = bench(2);
  startMany(5);
  advance(0);
  t.deepEqual(
    running.map(({ port }) => port),
    [1, 2],
  );
  await running[1]?.end(up);
  t.deepEqual(
    running.map(({ port }) => port),
    [1, 3],
  );
  await running[0]?.end(up);
  t.deepEqual(
    running.map(({ port }) => port),
    [3, 4],
  );
});

test("a probe that waits for its slot is not late: its limit runs from its start", async (t) => {
  const { advance, running, runner, startMany, verdicts } = bench(1);
  startMany(2);
  advance(0);
  advance(900);
  await running[0]?.end(up);
  advance(400);
  await running[0]?.end(up);
  t.true(runner.state("rs2")?.last?.ok);
  t.deepEqual(verdicts, []);
});

test("a probe that never ends is aborted, fails and frees its slot", async (t) => {
  const { advance, running, verdicts, startMany } = bench(1);
  startMany(2);
  advance(0);
  advance(1000);
  t.true(running[0]?.signal.aborted);
  t.deepEqual(verdicts, ["rs1 DOWN stale the probe did not end 500 ms after its limit"]);
  t.is(running[1]?.port, 2);
  await running[0]?.end(up);
  t.is(verdicts.length, 1, "a late success changes nothing");
});

test("what fails after a stall of ours is asked again: neither stale nor DOWN", async (t) => {
  const { runner, advance, stall, running, verdicts } = bench();
  runner.start("rs", target(1), config, now);
  advance(50);
  stall(3000);
  t.deepEqual(verdicts, []);
  t.false(running[0]?.signal.aborted, "its own limit rang in the same turn, and is heard first");
  const late: ProbeResult = { ok: false, cause: "timeout", detail: "no answer", tookMs: 3050 };
  await running[0]?.end(late);
  t.deepEqual(verdicts, []);
  t.is(running.length, 1, "it is asked again");
  await running[0]?.end(up);
  t.true(runner.state("rs")?.last?.ok);
  advance(1000);
  await running[0]?.end(down);
  t.deepEqual(verdicts, ["rs DOWN connect_refused ECONNREFUSED"], "and the next failure counts");
});

test("who waited for its slot through a stall waits on", async (t) => {
  const { advance, stall, running, runner, startMany, verdicts } = bench(1);
  startMany(2);
  advance(50);
  stall(5000);
  await running[0]?.end(up);
  t.deepEqual(verdicts, []);
  await running[0]?.end(up);
  t.true(runner.state("rs2")?.last?.ok);
});

test("hosts that do not answer keep no other check waiting", async (t) => {
  const { runner, advance, running, startMany } = bench(10_000, 256);
  startMany(1000);
  runner.start("well", target(5000), { ...config, timeoutMs: 5000 }, now);
  advance(0);
  t.is(running.length, 256, "a burst is held back");
  advance(100);
  t.is(running.length, 512);
  advance(300);
  const well = running.find(({ port }) => port === 5000);
  await well?.end(up);
  t.true(runner.state("well")?.last?.ok);
});

test("the late end of an aborted probe does not free the slot of the probe after it", async (t) => {
  const { runner, advance, running, startMany } = bench(1);
  startMany(1);
  advance(0);
  advance(1000);
  t.is(running.length, 2, "the first was given up, and its checker probes again");
  runner.start("rs2", target(2), config, now);
  advance(0);
  await running[0]?.end(up);
  t.deepEqual(
    running.map(({ port }) => port),
    [1],
  );
  await running[0]?.end(up);
  t.deepEqual(
    running.map(({ port }) => port),
    [2],
  );
});

const script: CheckConfigOf<"misc"> = {
  ...commonCheck,
  type: "misc",
  command: "/bin/true",
  arguments: null,
  user: null,
  security: true,
  dynamic: false,
};

test("scripts start one a turn of the loop, and keep no other check waiting", (t) => {
  const { turns, turn } = turnsByHand();
  const { runner, advance, running } = bench(undefined, undefined, turns);
  for (let port = 1; port <= 3; port += 1) runner.start(`rs${port}`, target(port), script, now);
  for (const port of [98, 99]) runner.start(`tcp${port}`, target(port), config, now);
  advance(0);
  const ports = (): readonly number[] => running.map(({ port }) => port);
  t.deepEqual(ports(), [1, 98, 99]);
  turn();
  t.deepEqual(ports(), [1, 98, 99, 2]);
  turn();
  t.deepEqual(ports(), [1, 98, 99, 2, 3]);
});

test("scripts start at a pace, and keep no other check waiting", async (t) => {
  const { runner, advance, running } = bench();
  for (let port = 1; port <= 20; port += 1) runner.start(`rs${port}`, target(port), script, now);
  runner.start("tcp", target(99), config, now);
  advance(0);
  t.deepEqual(
    running.map(({ port }) => port),
    [1, 2, 3, 4, 99],
  );
  await running[0]?.end(up);
  t.is(running.at(-1)?.port, 5, "one that ended makes room");
  advance(100);
  t.is(running.length, 9, "and those that only wait for their script");
  advance(300);
  t.is(running.length, 20);
});

test("stop() aborts the probe and lets the next one in", async (t) => {
  const { runner, advance, running, startMany } = bench(1);
  startMany(2);
  advance(0);
  runner.stop("rs1");
  t.true(running[0]?.signal.aborted);
  t.is(runner.state("rs1"), undefined);
  t.is(running[1]?.port, 2);
  await running[0]?.end(down);
  advance(10_000);
  t.false(running.some(({ port }) => port === 1));
});

test("start() takes the place of the checker with the same key", async (t) => {
  const { runner, advance, running, verdicts } = bench();
  runner.start("rs", target(1), config, now);
  advance(0);
  runner.start("rs", target(2), config, { assumeUp: false, firstDelayMs: 0, chance: 0 });
  advance(0);
  await running[0]?.end(down);
  await running[0]?.end(up);
  t.deepEqual(verdicts, ["rs UP success connected"]);
});

test("first probes are spread by firstDelayMs", (t) => {
  const { runner, advance, running } = bench();
  for (const delay of [0, 100, 200]) {
    runner.start(`rs${delay}`, target(delay), config, {
      assumeUp: true,
      firstDelayMs: delay,
      chance: 0,
    });
  }
  advance(99);
  t.is(running.length, 1);
  advance(1);
  t.is(running.length, 2);
});

test("close() aborts what runs and starts nothing more", (t) => {
  const { runner, advance, running, startMany } = bench(2);
  startMany(5);
  advance(0);
  runner.close();
  t.is(running.length, 2);
  t.true(running.every(({ signal }) => signal.aborted));
  advance(60_000);
  t.is(running.length, 2);
});

test("a probe that throws is a failure, not a crash", async (t) => {
  const { clock, advance } = virtualClock();
  const verdicts: string[] = [];
  const runner = openRunner({
    clock,
    probe: async () => Promise.reject(new Error("bug")),
    onVerdict: (key, isUp, { cause, detail }) => verdicts.push(`${key} ${isUp} ${cause} ${detail}`),
  });
  runner.start("rs", target(1), config, now);
  advance(0);
  await settled();
  t.deepEqual(verdicts, ["rs false internal bug"]);
});

test("real probes on a real clock: a server that goes away is DOWN, with the cause", async (t) => {
  const server = await openServer(() => {});
  const verdicts: string[] = [];
  const runner = openRunner({
    clock: timeoutClock,
    onVerdict: (key, isUp, { cause }) => verdicts.push(`${key} ${isUp} ${cause}`),
  });
  // The probe under way when the server goes may be reset; the next one is refused.
  const quick = { ...config, intervalMs: 20, retry: 1, delayBeforeRetryMs: 20 };
  runner.start("rs", target(server.port), quick, { assumeUp: false, firstDelayMs: 0, chance: 0 });
  await until("UP", () => verdicts.length === 1);
  await server.close();
  await until("DOWN", () => verdicts.length === 2);
  runner.close();
  t.deepEqual(verdicts, ["rs true success", "rs false connect_refused"]);
});

function target(port: number): Target {
  return { address: "127.0.0.1", port };
}

/** Every promise that can go on has gone on. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
