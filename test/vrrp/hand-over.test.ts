// A planned stop: the addresses stay until the successor speaks. Beyond RFC 5798 §6.4.3 (685), which leaves them to
// nobody for a backup's Skew_Time.

import test from "ava";
import { handOverMs } from "../../src/vrrp/hand-over.ts";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import type { State } from "../../src/vrrp/states.ts";
import { advert, backup, config, faults, master, told } from "./router.ts";

const GONE = ["release", "send-advert 0", "transition MASTER INIT shutdown"];
const LONGEST_MS = (255 * 1000) / 256 + 100;

function leaving(): State {
  return step(config, master(), { type: "hand-over", nowMs: 500 }).state;
}

test("a master that hands over says priority 0, holds on, and says nothing more", (t) => {
  const after = step(config, master(), { type: "hand-over", nowMs: 500 });

  t.deepEqual(told(after.actions), ["send-advert 0", "hush"]);
  t.is(after.state.name, "MASTER");
  t.is(deadlineMs(after.state), 500 + LONGEST_MS);
  const later = step(config, after.state, { type: "timer", nowMs: 1000 });
  t.deepEqual(later.actions, []);
});

test("it lets go when a successor, whatever its priority, had the time to announce itself", (t) => {
  for (const priority of [1, 100, 200, 255]) {
    const heard = step(config, leaving(), advert(900, { priority }));
    t.deepEqual(heard.actions, []);
    t.is(deadlineMs(heard.state), 960);
    const again = step(config, heard.state, advert(920, { priority }));
    t.is(deadlineMs(again.state), 960, "the first advert counts");
    const after = step(config, again.state, { type: "timer", nowMs: 960 });
    t.deepEqual(told(after.actions), GONE);
    t.is(after.state.name, "INIT");
  }
});

test("another one that leaves is no successor", (t) => {
  const after = step(config, leaving(), advert(900, { priority: 0 }));

  t.deepEqual(after.actions, []);
  t.is(after.state.name, "MASTER");
});

test("it lets go when nobody follows, and at once with a fault or when it is told to", (t) => {
  for (const input of [
    { type: "timer", nowMs: 500 + LONGEST_MS } as const,
    { ...faults, nowMs: 600 },
    { type: "shutdown", nowMs: 600 } as const,
    { type: "step-down", nowMs: 600 } as const,
  ]) {
    t.deepEqual(told(step(config, leaving(), input).actions), GONE);
  }
});

test("who is no master has nothing to hand over", (t) => {
  const after = step(config, backup(), { type: "hand-over", nowMs: 500 });

  t.deepEqual(after, { state: backup(), actions: [] });
});

test("handOverMs() is the longest Skew_Time and a margin, and never longer than a stop may take", (t) => {
  t.is(handOverMs({ ...config, advertIntervalMs: 100 }), 25_500 / 256 + 100);
  t.is(handOverMs({ ...config, version: 2, advertIntervalMs: 10_000 }), LONGEST_MS);
  t.is(handOverMs({ ...config, advertIntervalMs: 10_000 }), 1500);
});
