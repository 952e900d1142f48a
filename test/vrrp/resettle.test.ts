import test from "ava";
import { step } from "../../src/vrrp/machine.ts";
import { resettle } from "../../src/vrrp/resettle.ts";
import { advert, backup, config, MASTER_DOWN_MS } from "./router.ts";

const slow = { ...config, advertIntervalMs: 40_000 };

test("a MASTER that is told a shorter interval speaks after it, not at the end of the long one", (t) => {
  const state = { name: "MASTER", advertAtMs: 39_000 } as const;
  t.deepEqual(resettle(config, state, 500), { name: "MASTER", advertAtMs: 1500 });
});

test("a MASTER whose other settings change keeps its time to the millisecond", (t) => {
  const state = { name: "MASTER", advertAtMs: 1200.25 } as const;
  t.deepEqual(resettle({ ...config, priority: 7 }, state, 500), state);
});

test("a BACKUP that has heard nobody waits by the new interval", (t) => {
  const state = resettle(config, backup(slow), 500);
  t.like(state, { masterIntervalMs: 1000, masterDownAtMs: 500 + MASTER_DOWN_MS });
});

test("version 3: a BACKUP keeps what it has learned of its master; version 2: it has its own interval", (t) => {
  const learned = step(config, backup(), advert(100, { advertIntervalMs: 1000 })).state;
  t.deepEqual(resettle(slow, learned, 500), learned);
  t.like(resettle({ ...slow, version: 2 }, learned, 500), { masterIntervalMs: 40_000 });
});

test("INIT and FAULT have no timers", (t) => {
  for (const state of [{ name: "INIT" }, { name: "FAULT", faults: ["interface_down"] }] as const) {
    t.is(resettle(slow, state, 500), state);
  }
});
