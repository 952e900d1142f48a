// Tracked scripts in a process that may stand still, and many of them at once.

import test from "ava";
import { runScript, type ScriptResult } from "../../src/kernel/process.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { openLog } from "../../src/lib/log.ts";
import type { ScriptConfig } from "../../src/track/model.ts";
import { openScriptRunner, type ScriptRunner } from "../../src/track/runner.ts";
import { freeTurns, turnsByHand } from "../helpers/turns-by-hand.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { eventually } from "../helpers/wait.ts";

const log = openLog({ role: "desk", level: "fatal" });

const WELL: ScriptResult = { ok: true, exitCode: 0, output: "", tookMs: 1 };
const LATE: ScriptResult = {
  ok: false,
  cause: "timeout",
  detail: "no end in 500 ms",
  exitCode: null,
  output: "",
  tookMs: 500,
};

function script(name: string, command = "/x"): ScriptConfig {
  const times = { intervalMs: 1000, timeoutMs: 500, rise: 1, fall: 1, initFail: false };
  return { name, command, ...times };
}

function verdict(runner: ScriptRunner): boolean | null | undefined {
  return runner.tracked()[0]?.up;
}

/** Runs whose ends are given by hand, in virtual time. */
function byHand(turns = freeTurns) {
  const virtual = virtualClock();
  const ends: ((result: ScriptResult) => void)[] = [];
  const pauses: number[] = [];
  const runner = openScriptRunner({
    clock: virtual.clock,
    log,
    onChange: () => undefined,
    onPause: (pauseMs) => void pauses.push(pauseMs),
    run: async () => new Promise((resolve) => ends.push(resolve)),
    turns,
  });
  const end = async (result: ScriptResult): Promise<void> => {
    ends.at(-1)?.(result);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ...virtual, runner, ends, end, pauses };
}

test("a pause of ours is no script's failure: its run is done again at once", async (t) => {
  const { runner, advance, stall, ends, end, pauses } = byHand();
  runner.configure([script("a")]);
  await end(WELL);
  t.is(verdict(runner), true);
  advance(1000);
  t.is(ends.length, 2);
  stall(20_000);
  t.is(ends.length, 2, "it is not given up before its end is told");
  await end(LATE);
  t.is(pauses.length, 1);
  t.is(ends.length, 3, "it is run again");
  t.is(verdict(runner), true);
  await end(WELL);
  t.is(verdict(runner), true);
  advance(1000);
  await end(LATE);
  t.is(verdict(runner), false, "without a pause it is its own failure");
  runner.close();
});

test("who stands still again and again: a failure counts in the end", async (t) => {
  const { runner, stall, ends, end } = byHand();
  runner.configure([script("a")]);
  for (const up of [null, null, false]) {
    stall(2000);
    await end(LATE);
    t.is(verdict(runner), up);
  }
  t.is(ends.length, 3);
  runner.close();
});

test("many scripts begin a few at a time, and all of them soon", async (t) => {
  const { runner, advance, ends, end } = byHand();
  const names = Array.from({ length: 20 }, (_, i) => `s${i}`);
  runner.configure(names.map((name) => script(name)));
  t.is(ends.length, 4);
  await end(WELL);
  t.is(ends.length, 5, "an end makes room for the next one");
  advance(100);
  t.is(ends.length, 9, "so does a script that takes long");
  advance(300);
  t.is(ends.length, 20);
  runner.close();
});

test("scripts that end together are begun anew one a turn of the loop", async (t) => {
  const { turns, turn } = turnsByHand();
  const { runner, ends, advance } = byHand(turns);
  const all = async (): Promise<void> => {
    for (const end of ends.splice(0)) end(WELL);
    await new Promise((resolve) => setImmediate(resolve));
  };
  runner.configure(Array.from({ length: 40 }, (_, i) => script(`s${i}`)));
  let runs = 0;
  for (let turned = true; turned; turned = turn()) {
    t.true(ends.length <= 1, "what ended makes room for one, whoever waits");
    runs += ends.length;
    await all();
  }
  t.is(runs, 40);
  advance(1000);
  t.is(ends.length, 1, "nor do those that are due at once begin at once");
  for (let begun = 2; begun <= 4; begun += 1) {
    turn();
    t.is(ends.length, begun);
  }
  turn();
  t.is(ends.length, 4, "no turn makes a slot");
  await all();
  t.is(ends.length, 1, "and four that end in one turn make room for one in it");
  runner.close();
});

test("a script in the queue that is taken out of the configuration is never run", async (t) => {
  const { runner, advance, ends } = byHand();
  const names = Array.from({ length: 6 }, (_, i) => `s${i}`);
  runner.configure(names.map((name) => script(name)));
  runner.configure(names.slice(0, 5).map((name) => script(name)));
  advance(100);
  t.is(ends.length, 5);
  runner.close();
});

test("a real script that ends well while this process stands still is up", async (t) => {
  let runs = 0;
  const told: string[] = [];
  const runner = openScriptRunner({
    clock: timeoutClock,
    log,
    onChange: () => told.push(String(verdict(runner))),
    run: async (options) => {
      runs += 1;
      return runScript({ ...options, security: false });
    },
  });
  t.teardown(runner.close);
  runner.configure([{ ...script("a", "sleep 0.05"), intervalMs: 60_000, timeoutMs: 1000 }]);
  t.is(runs, 1);
  // All of this process, past the limit of the script.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
  await eventually("a verdict", () => verdict(runner) !== null);
  t.deepEqual(told, ["null", "true"]);
  t.is(runs, 2);
});
