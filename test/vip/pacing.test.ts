// garp_interval and gna_interval, in virtual time.

import test from "ava";
import { drive } from "../../src/lib/drive.ts";
import type { Vip } from "../../src/vip/model.ts";
import * as pacing from "../../src/vip/pacing.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const UNPACED: pacing.PacingConfig = { garpMs: 0, gnaMs: 0, groups: [] };

function vip(address: string, device = "eth0"): Vip {
  const rest = { scope: "global", label: null, broadcast: null } as const;
  return { address, prefixLength: 32, interface: device, ...rest };
}

function bench(config: Partial<pacing.PacingConfig>) {
  const { clock, advance } = virtualClock();
  const lines: string[] = [];
  const driven = drive({
    engine: pacing,
    config: { ...UNPACED, ...config },
    state: pacing.UNHURRIED,
    clock,
    timerInput: (nowMs): pacing.PacingInput => ({ type: "timer", nowMs }),
    perform: ({ owner, vips, count }: pacing.PacingAction): undefined => {
      for (const { address } of vips) lines.push(`${clock.nowMs()} ${owner} ${address} x${count}`);
    },
  });
  return {
    lines,
    advance,
    drop: (owner: string) => driven.give({ type: "drop", owner }),
    burst: (owner: string, vips: readonly Vip[], count: number) =>
      driven.give({ type: "burst", nowMs: clock.nowMs(), owner, vips, count }),
    deadlineMs: () => pacing.deadlineMs(driven.state()),
  };
}

test("without an interval a burst is one send, at once", (t) => {
  const { lines, burst, deadlineMs } = bench({});
  burst("VI", [vip("10.0.0.1"), vip("fe80::1")], 5);
  t.deepEqual(lines, ["0 VI 10.0.0.1 x5", "0 VI fe80::1 x5"]);
  t.is(deadlineMs(), Infinity);
});

test("with an interval every address is said once before any is said again", (t) => {
  const { lines, burst, advance, deadlineMs } = bench({ garpMs: 10 });
  burst("VI", [vip("10.0.0.1"), vip("10.0.0.2")], 2);
  advance(100);
  t.deepEqual(lines, [
    "0 VI 10.0.0.1 x1",
    "10 VI 10.0.0.2 x1",
    "20 VI 10.0.0.1 x1",
    "30 VI 10.0.0.2 x1",
  ]);
  t.is(deadlineMs(), Infinity);
});

test("a second burst while the first is on its way is not said on top of it", (t) => {
  const { lines, burst, advance } = bench({ garpMs: 10 });
  burst("VI", [vip("10.0.0.1")], 3);
  advance(10);
  burst("VI", [vip("10.0.0.1")], 3);
  advance(1000);
  t.is(lines.length, 5, "two of the first one, three of the second");
});

test("interfaces, and ARP beside neighbour advertisements, do not wait for each other", (t) => {
  const { lines, burst, advance } = bench({ garpMs: 10, gnaMs: 25 });
  burst("VI", [vip("10.0.0.1"), vip("10.0.0.2", "eth1"), vip("fe80::1")], 2);
  advance(100);
  t.deepEqual(lines, [
    "0 VI 10.0.0.1 x1",
    "0 VI 10.0.0.2 x1",
    "0 VI fe80::1 x1",
    "10 VI 10.0.0.1 x1",
    "10 VI 10.0.0.2 x1",
    "25 VI fe80::1 x1",
  ]);
});

test("the interfaces of a garp_group share one pace, others keep the one of [global]", (t) => {
  const groups = [{ name: "G", interfaces: ["eth1", "eth2"], garpMs: 50, gnaMs: 0 }];
  const { lines, burst, advance } = bench({ garpMs: 10, groups });
  burst("VI", [vip("10.0.0.1", "eth1"), vip("10.0.0.2", "eth2"), vip("fe80::1", "eth1")], 1);
  burst("VI", [vip("10.0.0.3"), vip("10.0.0.4")], 1);
  advance(100);
  t.deepEqual(lines, [
    "0 VI fe80::1 x1",
    "0 VI 10.0.0.1 x1",
    "0 VI 10.0.0.3 x1",
    "10 VI 10.0.0.4 x1",
    "50 VI 10.0.0.2 x1",
  ]);
});

test("who steps down takes back what waits, and nothing of the others (law 1)", (t) => {
  const { lines, burst, advance, drop } = bench({ garpMs: 10 });
  burst("A", [vip("10.0.0.1")], 5);
  burst("B", [vip("10.0.0.2")], 2);
  advance(15);
  drop("A");
  advance(1000);
  t.deepEqual(lines, [
    "0 A 10.0.0.1 x1",
    "10 A 10.0.0.1 x1",
    "20 B 10.0.0.2 x1",
    "30 B 10.0.0.2 x1",
  ]);
});

test("the pause holds over the end of a burst, and what is late is not made up for", (t) => {
  const { lines, burst, advance } = bench({ garpMs: 10 });
  burst("VI", [vip("10.0.0.1")], 1);
  advance(4);
  burst("VI", [vip("10.0.0.1")], 1);
  advance(500);
  burst("VI", [vip("10.0.0.1")], 1);
  t.deepEqual(lines, ["0 VI 10.0.0.1 x1", "10 VI 10.0.0.1 x1", "504 VI 10.0.0.1 x1"]);
});

const many = Array.from({ length: 1000 }, (_, i) => vip(`10.1.${i >> 8}.${i & 255}`));

test("a long burst goes out in turns, every address once before any is said again, and ends", (t) => {
  const { lines, burst, advance, deadlineMs } = bench({});
  burst("VI", many, 5);
  t.is(lines.length, pacing.FRAMES_A_TURN);
  const turns = Math.ceil((5 * many.length) / pacing.FRAMES_A_TURN);
  for (let turn = 1; turn < turns; turn += 1) {
    advance(pacing.TURN_MS);
    t.is(lines.length, (turn + 1) * pacing.FRAMES_A_TURN);
  }
  t.is(deadlineMs(), Infinity);
  const said = lines.map((line) => line.split(" ")[2]);
  for (let round = 0; round < 5; round += 1) {
    const first = said.slice(round * many.length, (round + 1) * many.length);
    t.is(new Set(first).size, many.length, `round ${round}`);
  }
});

test("who has a long burst takes no turn from the others, and takes back what waits", (t) => {
  const { lines, burst, advance, drop } = bench({});
  burst("long", many, 5);
  burst("few", [vip("10.0.0.1")], 5);
  burst("second", many.slice(0, 100), 5);
  t.is(lines.at(-1), "0 few 10.0.0.1 x5", "at once");
  advance(4 * pacing.TURN_MS);
  t.true(lines.some((line) => line.includes(" second ")));
  drop("long");
  const before = lines.length;
  advance(1000);
  t.true(lines.slice(before).every((line) => line.includes(" second ")));
  t.is(lines.filter((line) => line.includes(" second ")).length, 500);
});

test("bursts that come faster than they go out add nothing to what waits", (t) => {
  const { lines, burst, advance, deadlineMs } = bench({});
  for (let times = 0; times < 50; times += 1) burst("VI", many, 5);
  advance(10_000);
  t.true(lines.length <= pacing.FRAMES_A_TURN + 5 * many.length);
  t.is(deadlineMs(), Infinity);
});
