// How much of a master's interval a backup learns: RFC 5798 §6.4.2 (450), up to a limit.

import test from "ava";
import fc from "fast-check";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import { DEFAULT_POLICY, type InstanceConfig } from "../../src/vrrp/model.ts";
import { learnedIntervalMs, masterDownMs } from "../../src/vrrp/timers.ts";
import { advert, backup, config } from "./router.ts";

/** The longest that twelve bits of hundredths can say. */
const LONGEST_MS = 40_950;

test("learnedIntervalMs(): up to four times our own", (t) => {
  for (const [theirsMs, learnedMs] of [
    [10, 10],
    [1000, 1000],
    [4000, 4000],
    [4010, 4000],
    [LONGEST_MS, 4000],
  ] as const) {
    t.is(learnedIntervalMs(config, theirsMs), learnedMs);
  }
});

test("learnedIntervalMs(): learned_advert_int_max moves the limit, 0 takes it off", (t) => {
  const with_ = (learnsTimes: number): InstanceConfig => ({
    ...config,
    policy: { ...DEFAULT_POLICY, learnsTimes },
  });
  t.is(learnedIntervalMs(with_(10), LONGEST_MS), 10_000);
  t.is(learnedIntervalMs(with_(0), LONGEST_MS), LONGEST_MS);
});

test("learnedIntervalMs(): of a signed advert, and of version 2, it is as it is", (t) => {
  const hmac = { keys: [], activeKey: 1, timeWindowS: 5, mode: "enforce" } as never;
  t.is(learnedIntervalMs({ ...config, auth: { password: null, hmac } }, LONGEST_MS), LONGEST_MS);
  t.is(learnedIntervalMs({ ...config, version: 2 }, LONGEST_MS), LONGEST_MS);
});

test("a backup does not take over from a living master that is ten times slower, whatever its priority", (t) => {
  const intervals = fc.constantFrom(10, 100, 1000, 4000);
  fc.assert(
    fc.property(intervals, fc.integer({ min: 1, max: 254 }), (advertIntervalMs, priority) => {
      const ours = { ...config, advertIntervalMs, priority };
      const theirsMs = 10 * advertIntervalMs;
      let state = backup(ours);
      for (let nowMs = 0; nowMs < 20 * theirsMs; nowMs += theirsMs) {
        const heard = { priority: 254, advertIntervalMs: learnedIntervalMs(ours, theirsMs) };
        ({ state } = step(ours, state, advert(nowMs, heard)));
        t.true(deadlineMs(state) > nowMs + theirsMs);
      }
    }),
  );
});

test("one forged advert costs no more than what four of our own intervals do", (t) => {
  const forged = { priority: 255, advertIntervalMs: learnedIntervalMs(config, LONGEST_MS) };
  const { state } = step(config, backup(), advert(0, forged));
  t.is(deadlineMs(state), masterDownMs(config, 4 * config.advertIntervalMs));
});
