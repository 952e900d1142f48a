import test from "ava";
import type { ProcListener } from "../../src/kernel/proc-connector.ts";
import type { Process } from "../../src/kernel/processes.ts";
import type { ProcessConfig } from "../../src/track/model.ts";
import { isEnough, isProcess } from "../../src/track/process.ts";
import { openProcessWatcher, type ProcessWatcher } from "../../src/track/process-watcher.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const web: ProcessConfig = {
  name: "web",
  program: "haproxy",
  parameters: [],
  match: "any",
  fullCommand: false,
  quorum: 1,
  quorumMax: null,
  upDelayMs: 0,
  downDelayMs: 0,
  weight: 0,
  reverse: false,
};

const seen = { name: "haproxy", words: ["/usr/sbin/haproxy", "-f", "/etc/x", "-D"] };

type Case = readonly [string, Partial<ProcessConfig>, boolean];
const cases: readonly Case[] = [
  ["by its name", {}, true],
  ["not by another name", { program: "haprox" }, false],
  ["by its name, written with a path", { program: "/opt/haproxy" }, true],
  ["by its command line", { fullCommand: true }, true],
  ["by its command line with the path", { fullCommand: true, program: "/usr/sbin/haproxy" }, true],
  ["not by another path", { fullCommand: true, program: "/opt/haproxy" }, false],
  ["exact parameters", { match: "exact", parameters: ["-f", "/etc/x", "-D"] }, true],
  ["exact parameters, one missing", { match: "exact", parameters: ["-f", "/etc/x"] }, false],
  ["exact, and none written", { match: "exact" }, false],
  ["initial parameters", { match: "initial", parameters: ["-f", "/etc/x"] }, true],
  [
    "initial parameters, cut within a word",
    { match: "initial", parameters: ["-f", "/etc"] },
    false,
  ],
  ["partial parameters, cut within a word", { match: "partial", parameters: ["-f", "/etc"] }, true],
  ["partial parameters that differ", { match: "partial", parameters: ["-D"] }, false],
];

for (const [what, change, expected] of cases) {
  test(`isProcess(): ${what}: ${expected ? "yes" : "no"}`, (t) => {
    t.is(isProcess({ ...web, ...change }, seen), expected);
  });
}

test("isProcess() compares the 15 letters that the kernel keeps", (t) => {
  const long = { ...web, program: "a-very-long-program" };
  t.true(isProcess(long, { name: "a-very-long-pro", words: [] }));
});

test("isEnough() wants quorum to quorum_max; a quorum_max of 0 wants none", (t) => {
  const counts = [0, 1, 2, 3];
  const right = (quorum: number, quorumMax: number | null): readonly number[] =>
    counts.filter((count) => isEnough({ quorum, quorumMax }, count));
  t.deepEqual(right(1, null), [1, 2, 3]);
  t.deepEqual(right(2, 2), [2]);
  t.deepEqual(right(1, 0), [0]);
});

// ===== the watcher between fakes =====

type Machine = {
  readonly watcher: ProcessWatcher;
  readonly processes: Map<number, Process>;
  readonly kernel: ProcListener;
  readonly advance: (ms: number) => void;
  readonly scans: () => number;
  readonly messages: () => readonly unknown[];
};

function machine(change: Partial<ProcessConfig> = {}, connects = true): Machine {
  const { clock, advance } = virtualClock();
  const { log, lines } = memoryLog();
  const processes = new Map<number, Process>([[7, { name: "haproxy", words: [] }]]);
  let kernel: ProcListener | undefined;
  let scans = 0;
  const watcher = openProcessWatcher({
    clock,
    log,
    onChange: () => {},
    source: {
      connect(listener) {
        if (!connects) throw new Error("not here");
        kernel = listener;
        return { close: () => {} };
      },
      list() {
        scans += 1;
        return [...processes.keys()];
      },
      read: (pid) => processes.get(pid),
    },
  });
  watcher.configure([{ ...web, ...change }]);
  const nobody: ProcListener = {
    onReady: () => {},
    onProcess: () => {},
    onExit: () => {},
    onOverrun: () => {},
  };
  return {
    watcher,
    processes,
    kernel: kernel ?? nobody,
    advance,
    scans: () => scans,
    messages: () => lines.map(({ msg }) => msg),
  };
}

function stateOf({ watcher }: Machine): readonly unknown[] {
  return watcher.tracked().map(({ up, value }) => [up, value]);
}

test("what runs at the start is counted at once", (t) => {
  const one = machine();
  t.deepEqual(stateOf(one), [[true, 1]]);
  t.is(one.watcher.tracked()[0]?.detail, "1 running, needed: 1 or more");
});

test("the kernel's word of an end counts at once, of a start a moment later, and nothing is looked for", (t) => {
  const one = machine();
  one.kernel.onReady();
  const scans = one.scans();
  one.kernel.onExit(7);
  t.deepEqual(stateOf(one), [[false, 0]]);

  one.processes.set(8, { name: "haproxy", words: [] });
  one.kernel.onProcess(8);
  one.advance(20);
  t.deepEqual(stateOf(one), [[true, 1]]);

  one.processes.set(8, { name: "bash", words: [] });
  one.kernel.onProcess(8); // it has become another program
  one.advance(60_000);
  t.deepEqual(stateOf(one), [[false, 0]]);
  t.is(one.scans(), scans);
});

test("after lost events everything is looked at anew", (t) => {
  const one = machine();
  one.kernel.onReady();
  one.processes.delete(7);
  one.kernel.onOverrun();
  t.deepEqual(stateOf(one), [[false, 0]]);
});

for (const connects of [true, false]) {
  const how = connects ? "says nothing (a container)" : "refuses to tell";
  test(`where the kernel ${how}, processes are looked for each second, and it is said once`, (t) => {
    const one = machine({}, connects);
    one.processes.clear();
    one.advance(1000);
    t.deepEqual(stateOf(one), [[false, 0]]);
    one.processes.set(9, { name: "haproxy", words: [] });
    one.advance(3000);
    t.deepEqual(stateOf(one), [[true, 1]]);
    t.is(one.messages().filter((msg) => msg === "processes are looked for, not told of").length, 1);
  });
}

test("terminate_delay gives a restart its time, fork_delay waits for one that stays", (t) => {
  const one = machine({ downDelayMs: 500, upDelayMs: 200 });
  one.kernel.onReady();
  one.processes.delete(7);
  one.kernel.onExit(7);
  one.advance(400);
  t.deepEqual(stateOf(one), [[true, 0]]);
  one.advance(100);
  t.deepEqual(stateOf(one), [[false, 0]]);

  one.processes.set(8, { name: "haproxy", words: [] });
  one.kernel.onProcess(8);
  one.advance(200);
  t.deepEqual(stateOf(one), [[false, 1]]);
  one.advance(20);
  t.deepEqual(stateOf(one), [[true, 1]]);
});

test("a process whose configuration is unchanged keeps its verdict over a reload", (t) => {
  const one = machine({ upDelayMs: 5000 });
  t.deepEqual(stateOf(one), [[true, 1]]);
  one.processes.clear();
  one.processes.set(8, { name: "haproxy", words: [] });
  one.watcher.configure([
    { ...web, upDelayMs: 5000 },
    { ...web, name: "other", program: "none" },
  ]);
  t.deepEqual(stateOf(one), [
    [true, 1],
    [false, 0],
  ]);
});

test("a delay that is over looks again: news that a pause of ours kept waiting counts", (t) => {
  const { watcher, processes, kernel, advance } = machine({ downDelayMs: 1000 });
  processes.delete(7);
  kernel.onExit(7);
  advance(500);
  // It is back, and the kernel's word of it is not read yet.
  processes.set(8, { name: "haproxy", words: [] });
  advance(1000);
  t.is(watcher.tracked()[0]?.up, true);
  processes.delete(8);
  kernel.onExit(8);
  advance(1000);
  t.is(watcher.tracked()[0]?.up, false);
});
