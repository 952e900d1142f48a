import test from "ava";
import { newCounters, openSparseLog } from "../../src/daemon/vrrp-counters.ts";
import { REJECT_REASONS } from "../../src/vrrp/accept.ts";
import { memoryLog } from "../helpers/sockets.ts";

test("newCounters() has every reason of a rejection, at 0", (t) => {
  const { rejected } = newCounters();
  t.deepEqual(Object.keys(rejected).sort(), [...REJECT_REASONS].sort());
  t.deepEqual(new Set(Object.values(rejected)), new Set([0]));
});

function open(): {
  readonly say: (kind: string, nowMs: number) => void;
  readonly lines: readonly Record<string, unknown>[];
} {
  const { log, lines } = memoryLog();
  const sparse = openSparseLog(log);
  return {
    say: (kind, nowMs) => sparse({ kind, nowMs }, (to, times) => to.warn({ kind, times }, "said")),
    lines,
  };
}

test("openSparseLog() tells the first of a kind at once, then one a minute with how many there were", (t) => {
  const { say, lines } = open();
  for (let nowMs = 0; nowMs <= 120_000; nowMs += 1000) say("checksum", nowMs);
  t.deepEqual(
    lines.map(({ times }) => times),
    [1, 60, 60],
  );
});

test("openSparseLog() counts each kind for itself", (t) => {
  const { say, lines } = open();
  say("checksum", 0);
  say("ttl", 1);
  t.is(lines.length, 2);
});

test("openSparseLog() does not grow, and does not flood, by kinds that a stranger makes up", (t) => {
  const { say, lines } = open();
  for (let i = 0; i < 10_000; i += 1) say(`addresses 10.0.${i >> 8}.${i & 255}`, i);
  t.true(lines.length <= 101, `${lines.length} lines`);
});
