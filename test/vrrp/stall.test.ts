// A master that did not run for a while: it lets go first, and looks then.

import test from "ava";
import fc from "fast-check";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import type { Input } from "../../src/vrrp/states.ts";
import { isStalled, leaseUntilMs } from "../../src/vrrp/timers.ts";
import { advert, backup, config, MASTER_DOWN_MS, master, SKEW_MS, told } from "./router.ts";

/** Nobody takes over before: three intervals, and the skew of priority 254. */
const LIMIT_MS = 3000 + (2 * 1000) / 256;

test("isStalled() is true when the best of the others would have taken over since the latest advert", (t) => {
  t.false(isStalled(config, 1000, LIMIT_MS));
  t.true(isStalled(config, 1000, LIMIT_MS + 0.1));
  const known = { ...config, policy: { ...config.policy, bestOther: 100 } };
  t.false(isStalled(known, 1000, LIMIT_MS + 0.1));
  t.true(isStalled(known, 1000, MASTER_DOWN_MS + 0.1));
  t.false(isStalled({ ...config, priority: 255 }, 1000, 100_000), "the owner's are its own");
});

const silently = ["release", "transition MASTER BACKUP stalled"];
const nowMs = 6000;

const inputs: readonly Input[] = [
  { type: "timer", nowMs },
  { type: "faults", nowMs, faults: [] },
  { type: "step-down", nowMs },
  { type: "take-over", nowMs },
  { type: "promote", nowMs, address: "192.0.2.9" },
  advert(nowMs),
  advert(nowMs, { priority: 50 }),
  advert(nowMs, { priority: 0 }),
];

for (const input of inputs) {
  const what = "priority" in input ? `${input.type} ${input.priority}` : input.type;
  test(`whatever comes first after a stall, nothing is said or announced: ${what}`, (t) => {
    t.deepEqual(told(step(config, master(), input).actions), silently);
  });
}

test("a shutdown and a fault after a stall say no priority 0: somebody else may be master", (t) => {
  t.deepEqual(told(step(config, master(), { type: "shutdown", nowMs }).actions), [
    ...silently,
    "transition BACKUP INIT shutdown",
  ]);
  const faults: Input = { type: "faults", nowMs, faults: ["interface_down"] };
  t.deepEqual(told(step(config, master(), faults).actions), [
    ...silently,
    "transition BACKUP FAULT fault",
  ]);
});

test("it listens for one interval, then takes the addresses back from nobody, or from somebody lower", (t) => {
  const { state } = step(config, master(), { type: "timer", nowMs });
  t.is(deadlineMs(state), nowMs + 1000 + SKEW_MS);
  const lower = step(config, state, advert(nowMs + 500, { priority: 50 })).state;
  t.is(deadlineMs(lower), nowMs + 1000 + SKEW_MS);
  const again = step(config, lower, advert(nowMs + 1500, { priority: 50 })).state;
  t.is(deadlineMs(again), nowMs + 1000 + SKEW_MS, "all of its time");
  const late = step(config, again, { type: "timer", nowMs: deadlineMs(again) }).state;
  const next = step(config, late, advert(nowMs + 2500, { priority: 50 })).state;
  t.is(step(config, next, { type: "timer", nowMs: deadlineMs(next) }).state.name, "MASTER");
});

test("somebody better, or with nopreempt anybody, stays master", (t) => {
  const { state } = step(config, master(), { type: "timer", nowMs });
  t.is(deadlineMs(step(config, state, advert(nowMs + 500)).state), nowMs + 500 + MASTER_DOWN_MS);
  const calm = { ...config, preempt: false };
  const resumed = step(calm, master(calm), advert(nowMs, { priority: 50 })).state;
  t.is(deadlineMs(resumed), nowMs + MASTER_DOWN_MS);
});

/** Backups that heard 198.51.100.20 at 0. */
const heardAt0 = [
  ["of a living master", advert(0)],
  ["of a master that left", advert(0, { priority: 0 })],
] as const;

for (const [what, first] of heardAt0) {
  test(`a backup whose timer ran out while it was paused listens for one interval: ${what}`, (t) => {
    const heardIt = step(config, step(config, backup(), advert(0)).state, first).state;
    const lateMs = deadlineMs(heardIt) + 1000;
    const { state, actions } = step(config, heardIt, { type: "timer", nowMs: lateMs });
    t.deepEqual(actions, []);
    t.is(deadlineMs(state), lateMs + 1000 + SKEW_MS);
    const heard = step(config, state, advert(lateMs + 900)).state;
    t.is(deadlineMs(heard), lateMs + 900 + MASTER_DOWN_MS, "the master lives");
    const silence = step(config, state, { type: "timer", nowMs: deadlineMs(state) });
    t.is(silence.state.name, "MASTER", "nobody is heard");
  });
}

test("a backup that is late by less than an interval was not paused, and one that is always late serves all the same", (t) => {
  const heardIt = step(config, backup(), advert(0)).state;
  const nearlyMs = deadlineMs(heardIt) + 999;
  t.is(step(config, heardIt, { type: "timer", nowMs: nearlyMs }).state.name, "MASTER");
  const { state } = step(config, heardIt, { type: "timer", nowMs: nearlyMs + 1 });
  const again = step(config, state, { type: "timer", nowMs: deadlineMs(state) + 5000 });
  t.is(again.state.name, "MASTER");
});

test("a pause after the latest advert is a new one", (t) => {
  const heardIt = step(config, backup(), advert(0)).state;
  const { state } = step(config, heardIt, { type: "timer", nowMs: 10_000 });
  const heard = step(config, state, advert(10_500)).state;
  const second = step(config, heard, { type: "timer", nowMs: 20_000 });
  t.deepEqual(second.actions, []);
  t.is(deadlineMs(second.state), 21_000 + SKEW_MS);
});

test("timer_expired_backup waits as any backup", (t) => {
  const calm = { ...config, policy: { ...config.policy, expiredIsBackup: true } };
  const { state } = step(calm, master(calm), { type: "timer", nowMs });
  t.is(deadlineMs(state), nowMs + MASTER_DOWN_MS);
});

test("leaseUntilMs() ends before anybody is told by isStalled() to look first, and is for masters", (t) => {
  t.is(leaseUntilMs(config, master()), 1000 - 1000 + LIMIT_MS - 20);
  const owner = { ...config, priority: 255 };
  t.is(leaseUntilMs(owner, master()), LIMIT_MS - 20, "the owner's kernel is silent too");
  const often = { ...config, advertIntervalMs: 10, version: 3 } as const;
  const advertAtMs = 5010;
  t.is(leaseUntilMs(often, { name: "MASTER", advertAtMs }), 5000 + 30 + (2 * 10) / 256 - 4);
  t.is(leaseUntilMs(config, { name: "MASTER", advertAtMs: 1000, handsOverUntilMs: 700 }), 720);
  t.is(leaseUntilMs(config, { name: "INIT" }), -Infinity);
  const { state: resting } = step(config, master(), { type: "timer", nowMs });
  t.is(leaseUntilMs(config, resting), -Infinity);
  const mute = { ...resting, mute: true } as typeof resting;
  t.is(
    leaseUntilMs(config, mute),
    deadlineMs(resting),
    "it holds nothing, and may say its priority",
  );
});

test("property: an unrenewed lease ends before the earliest moment at which its master counts as stalled", (t) => {
  const instances = fc.record({
    version: fc.constantFrom(2 as const, 3 as const),
    advertIntervalMs: fc.integer({ min: 10, max: 40_950 }),
    downTimerAdverts: fc.integer({ min: 1, max: 10 }),
    bestOther: fc.integer({ min: 1, max: 254 }),
    advertAtMs: fc.integer({ min: 0, max: 1_000_000 }),
  });
  fc.assert(
    fc.property(instances, ({ version, advertIntervalMs, advertAtMs, ...policy }) => {
      const each = {
        ...config,
        version,
        advertIntervalMs,
        policy: { ...config.policy, ...policy },
      };
      const untilMs = leaseUntilMs(each, { name: "MASTER", advertAtMs });
      t.false(isStalled(each, advertAtMs, untilMs));
      t.true(untilMs > advertAtMs - advertIntervalMs);
    }),
  );
});
