import test from "ava";
import { openSparseLog } from "../../src/daemon/process/sparse-log.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

function open(): {
  readonly say: (kind: string) => void;
  readonly advance: (ms: number) => void;
  readonly close: () => void;
  readonly lines: readonly Record<string, unknown>[];
} {
  const { log, lines } = memoryLog();
  const { clock, advance } = virtualClock();
  const sparse = openSparseLog(log, clock);
  return {
    say: (kind) => sparse.tell(kind, (to, times) => to.warn({ kind, times }, "said")),
    advance,
    close: sparse.close,
    lines,
  };
}

test("openSparseLog() tells the first of a kind at once, then one line a minute with how many there were", (t) => {
  const { say, advance, lines } = open();
  for (let second = 0; second < 180; second += 1) {
    say("checksum");
    advance(1000);
  }
  t.deepEqual(
    lines.map(({ times }) => times),
    [1, 59, 60, 60],
  );
});

test("openSparseLog() tells how many there were when no more come", (t) => {
  const { say, advance, lines } = open();
  for (let i = 0; i < 1000; i += 1) say("checksum");
  t.is(lines.length, 1);
  advance(59_999);
  t.is(lines.length, 1);
  advance(1);
  t.is(lines[1]?.["times"], 999);
  advance(600_000);
  t.is(lines.length, 2);
});

test("openSparseLog() counts each kind for itself", (t) => {
  const { say, advance, lines } = open();
  say("checksum");
  advance(30_000);
  for (const kind of ["ttl", "ttl", "checksum"]) say(kind);
  t.deepEqual(
    lines.map(({ kind }) => kind),
    ["checksum", "ttl"],
  );
  advance(30_000);
  t.like(lines[2], { kind: "checksum", times: 1 });
  advance(30_000);
  t.like(lines[3], { kind: "ttl", times: 1 });
});

test("openSparseLog() says nothing after it was closed", (t) => {
  const { say, advance, close, lines } = open();
  say("checksum");
  say("checksum");
  close();
  advance(120_000);
  t.is(lines.length, 1);
});

test("openSparseLog() does not grow, and does not flood, by kinds that a stranger makes up", (t) => {
  const { say, lines } = open();
  for (let i = 0; i < 10_000; i += 1) say(`addresses 10.0.${i >> 8}.${i & 255}`);
  t.true(lines.length <= 101, `${lines.length} lines`);
});
