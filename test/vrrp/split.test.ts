// The winner of a healed split, in virtual time.

import test from "ava";
import { drive } from "../../src/lib/drive.ts";
import * as split from "../../src/vrrp/split.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const OTHER = "192.0.2.9";

function bench() {
  const { clock, advance } = virtualClock();
  const wonAtMs: number[] = [];
  const contest = drive<null, split.SplitState, split.SplitInput, split.SplitAction>({
    engine: split,
    config: null,
    state: split.UNDIVIDED,
    clock,
    timerInput: (nowMs) => ({ type: "timer", nowMs }),
    perform: () => void wonAtMs.push(clock.nowMs()),
  });
  return {
    wonAtMs,
    advance,
    master: () => contest.give({ type: "master", nowMs: clock.nowMs() }),
    left: () => contest.give({ type: "left" }),
    heard: (source = OTHER) => contest.give({ type: "heard", source }),
    lower: (source = OTHER) =>
      contest.give({ type: "lower", nowMs: clock.nowMs(), source, intervalMs: 1000 }),
  };
}

test("a master that heard a lower one has won when two of its adverts are missing, once", (t) => {
  const { wonAtMs, advance, master, lower } = bench();
  master();
  advance(60_000);
  for (let adverts = 0; adverts < 5; adverts += 1) {
    lower();
    advance(1000);
  }
  t.deepEqual(wonAtMs, []);
  advance(600_000);
  t.deepEqual(wonAtMs, [66_000]);
});

test("the master that was replaced has moved nothing since: its last adverts are no split", (t) => {
  const { wonAtMs, advance, master, heard, lower } = bench();
  heard();
  master();
  lower();
  advance(2900);
  lower();
  advance(60_000);
  t.deepEqual(wonAtMs, []);
});

test("when it goes on for longer, or is somebody else, it is one", (t) => {
  const stays = bench();
  stays.heard();
  stays.master();
  stays.advance(3000);
  stays.lower();
  stays.advance(10_000);
  t.deepEqual(stays.wonAtMs, [5000]);
  const third = bench();
  third.heard();
  third.master();
  third.lower("192.0.2.10");
  third.advance(10_000);
  t.deepEqual(third.wonAtMs, [2000]);
});

test("who is no master any more has won nothing", (t) => {
  const { wonAtMs, advance, master, lower, left } = bench();
  master();
  advance(60_000);
  lower();
  left();
  lower();
  advance(60_000);
  t.deepEqual(wonAtMs, []);
});

test("a wire that splits again and again is won twice a minute at most", (t) => {
  const { wonAtMs, advance, master, lower } = bench();
  master();
  advance(60_000);
  for (let second = 0; second < 300; second += 5) {
    lower();
    advance(5000);
  }
  t.true(wonAtMs.length <= 11 && wonAtMs.length >= 9, `${wonAtMs.length}`);
  const gaps = wonAtMs.slice(1).map((atMs, i) => atMs - (wonAtMs[i] ?? 0));
  t.true(Math.min(...gaps) >= 30_000);
});
