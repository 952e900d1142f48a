import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { pino } from "pino";
import { type HookRunner, openHookRunner } from "../../src/desk/hook-runner.ts";
import { NO_HOOKS, type Subject } from "../../src/desk/model.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { openTurns } from "../../src/lib/turns.ts";
import { freeTurns, turnsByHand } from "../helpers/turns-by-hand.ts";
import { until } from "../helpers/until.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const dir = mkdtempSync(join(tmpdir(), "duet-hooks-"));
test.after.always(() => rmSync(dir, { recursive: true, force: true }));

const VI_1: Subject = { kind: "INSTANCE", name: "VI_1" };
const VI_2: Subject = { kind: "INSTANCE", name: "VI_2" };

function script(name: string, lines: string): string {
  const path = join(dir, name);
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, 0o755);
  return path;
}

function open(hookTimeoutMs = 20_000): { runner: HookRunner; logged: Record<string, unknown>[] } {
  const logged: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    logged.push(JSON.parse(line) as Record<string, unknown>);
  };
  const log = pino({ base: null }, { write });
  return {
    runner: openHookRunner({
      log,
      clock: timeoutClock,
      hookTimeoutMs,
      scriptSecurity: true,
      turns: openTurns(setImmediate),
    }),
    logged,
  };
}

function isIdle(runner: HookRunner): boolean {
  return runner.status().every(({ running }) => running === null);
}

test("a transition runs the scripts in order, logs them and keeps their results", async (t) => {
  const journal = join(dir, "order");
  const path = script("order.sh", `echo "$@" >>${journal}`);
  const { runner, logged } = open();
  const hooks = { ...NO_HOOKS, notify: path, notifyMaster: `${path} master` };
  runner.transition(VI_1, hooks, "MASTER", 150);
  t.deepEqual(runner.status()[0]?.running, { hook: "notify_master", state: "MASTER" });
  await until("both have ended", () => isIdle(runner));
  t.is(readFileSync(journal, "utf8"), "master\nINSTANCE VI_1 MASTER 150\n");
  t.deepEqual(
    logged.map(({ msg, instance, hook, state }) => [msg, instance, hook, state]),
    [
      ["hook started", "VI_1", "notify_master", "MASTER"],
      ["hook ended", "VI_1", "notify_master", "MASTER"],
      ["hook started", "VI_1", "notify", "MASTER"],
      ["hook ended", "VI_1", "notify", "MASTER"],
    ],
  );
  const [status] = runner.status();
  t.like(status, { subject: VI_1, running: null, skipped: 0 });
  t.like(status?.results[1], {
    hook: "notify",
    state: "MASTER",
    ok: true,
    detail: "exit status 0",
  });
  t.regex(status?.results[1]?.at ?? "", /^\d{4}-\d\d-\d\dT/);
});

test("a failure is logged with its cause and the last line of what the script said", async (t) => {
  const { runner, logged } = open();
  const path = script("fails.sh", "echo more\nprintf 'no such \\033[31munit\\n'\nexit 5");
  runner.transition(VI_1, { ...NO_HOOKS, notifyFault: path }, "FAULT", 0);
  runner.transition(VI_2, { ...NO_HOOKS, notify: join(dir, "nowhere") }, "BACKUP", 100);
  await until("both have ended", () => isIdle(runner));
  const failures = logged.filter(({ msg }) => msg === "hook failed");
  t.like(
    failures.find(({ instance }) => instance === "VI_1"),
    {
      level: 40,
      cause: "exit_status",
      detail: "exit status 5",
      output: "no such [31munit",
    },
  );
  t.like(
    failures.find(({ instance }) => instance === "VI_2"),
    {
      cause: "cannot_start",
      detail: "ENOENT",
    },
  );
});

test("a hook that runs too long is ended, and the next one runs", async (t) => {
  const { runner } = open(200);
  const done = join(dir, "done");
  const slow = script("slow.sh", "sleep 60");
  const quick = script("quick.sh", `: >${done}`);
  runner.transition(VI_1, { ...NO_HOOKS, notifyMaster: slow, notify: quick }, "MASTER", 1);
  await until("both have ended", () => isIdle(runner));
  t.true(existsSync(done));
  t.like(runner.status()[0]?.results[0], { ok: false, detail: "no end in 200 ms" });
});

test("instances do not wait for each other, and states of one collapse to the latest", async (t) => {
  const gate = join(dir, "gate");
  const journal = join(dir, "collapse");
  const path = script(
    "gate.sh",
    `echo $2 $3 >>${journal}\nwhile ! test -e ${gate}; do sleep 0.02; done`,
  );
  const { runner } = open();
  const hooks = { ...NO_HOOKS, notify: path };
  const lines = (): string[] =>
    existsSync(journal) ? readFileSync(journal, "utf8").trim().split("\n") : [];
  const [a, b] = [VI_1, VI_2];
  for (const subject of [a, b]) runner.transition(subject, hooks, "MASTER", 1);
  for (const state of ["BACKUP", "FAULT", "STOP"] as const) {
    runner.transition(a, hooks, state, 1);
  }
  await until("both instances run at once", () => lines().length === 2);
  writeFileSync(gate, "");
  await until("all have ended", () => isIdle(runner));
  t.deepEqual(lines().toSorted(), ["VI_1 MASTER", "VI_1 STOP", "VI_2 MASTER"]);
  t.is(runner.status().find(({ subject }) => subject === a)?.skipped, 2);
});

test("drain() waits for the STOP hooks, and not a moment longer", async (t) => {
  const done = join(dir, "stopped");
  const path = script("stop.sh", `sleep 0.2\n: >${done}`);
  const { runner } = open();
  runner.transition(VI_1, { ...NO_HOOKS, notifyStop: path }, "STOP", 0);
  await runner.drain(600_000);
  t.true(existsSync(done));
});

test("drain() kills at its limit what does not end, and begins nothing after it", async (t) => {
  const { runner, logged } = open();
  const later = join(dir, "later");
  const path = script("hangs.sh", "trap '' TERM\nsleep 600");
  const hooks = { ...NO_HOOKS, notifyStop: path, notify: script("later.sh", `: >${later}`) };
  runner.transition(VI_1, hooks, "STOP", 0);
  await runner.drain(300);
  t.like(logged.at(-1), { msg: "hook failed", cause: "aborted", hook: "notify_stop" });
  runner.transition(VI_1, hooks, "MASTER", 0);
  t.true(isIdle(runner));
  t.false(existsSync(later));
});

test("drain() of a runner that never ran anything ends at once", async (t) => {
  const { runner } = open();
  await runner.drain(60_000);
  t.deepEqual(runner.status(), []);
});

test("a thousand real servers that go DOWN at once run 16 scripts at a time, the latest state of each; an instance does not wait", async (t) => {
  const running: (() => void)[] = [];
  const ran: string[] = [];
  let most = 0;
  let now = 0;
  const runner = openHookRunner({
    log: pino({ level: "silent" }),
    clock: timeoutClock,
    hookTimeoutMs: 60_000,
    scriptSecurity: true,
    turns: freeTurns,
    async run({ command }) {
      ran.push(command);
      now += 1;
      most = Math.max(most, now);
      await new Promise<void>((resolve) => void running.push(resolve));
      now -= 1;
      return { ok: true, exitCode: 0, output: "", tookMs: 1 };
    },
  });
  const servers = Array.from({ length: 1000 }, (_, n) => n);
  for (const to of ["DOWN", "UP"] as const) {
    for (const n of servers) {
      const subject: Subject = { kind: "REAL_SERVER", name: `web.rs${n}` };
      const hooks = { ...NO_HOOKS, notifyDown: `down ${n}`, notifyUp: `up ${n}` };
      runner.transition(subject, hooks, `SERVER_${to}`, 0);
    }
  }
  t.is(now, 16);
  runner.transition(VI_1, { ...NO_HOOKS, notifyMaster: "master" }, "MASTER", 150);
  t.is(ran.at(-1), "master");
  await until("all have run", () => {
    for (const end of running.splice(0)) end();
    return isIdle(runner) && ran.length >= 1000;
  });
  t.is(most, 17);
  t.is(ran.filter((command) => command.startsWith("down")).length, 16);
  t.deepEqual(new Set(ran.filter((command) => command.startsWith("up"))).size, 1000);
  await runner.drain(1000);
});

test("hooks of many instances begin one a turn of the loop, in order, each with its whole time from there", async (t) => {
  const { turns, turn } = turnsByHand();
  const { clock, advance } = virtualClock();
  const ran: string[] = [];
  const ends: (() => void)[] = [];
  const runner = openHookRunner({
    log: pino({ level: "silent" }),
    clock,
    hookTimeoutMs: 1000,
    scriptSecurity: true,
    turns,
    async run({ command }) {
      ran.push(command);
      await new Promise<void>((resolve) => void ends.push(resolve));
      return { ok: true, exitCode: 0, output: "", tookMs: 1 };
    },
  });
  for (const n of [1, 2, 3]) {
    const subject: Subject = { kind: "INSTANCE", name: `VI_${n}` };
    const hooks = { ...NO_HOOKS, notifyMaster: `master ${n}`, notify: `notify ${n}` };
    runner.transition(subject, hooks, "MASTER", 150);
  }
  t.deepEqual(ran, ["master 1"]);
  // More than a hook may take at most: those that have not begun are not late.
  advance(60_000);
  turn();
  t.deepEqual(ran.slice(1), ["master 2"]);
  turn();
  t.deepEqual(ran.slice(2), ["master 3"]);
  turn();
  for (const end of ends.splice(0)) end();
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(ran.slice(3), ["notify 1"], "ends of one turn begin one of the next");
});
