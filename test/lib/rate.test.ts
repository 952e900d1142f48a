// How often something may be done, in virtual time.

import test from "ava";
import fc from "fast-check";
import { freeAtMs, spend, UNSPENT } from "../../src/lib/rate.ts";

const RATE = { everyMs: 1000, atOnce: 3 };

function timesDone(atMs: readonly number[]): readonly number[] {
  const done: number[] = [];
  let paidUntilMs = UNSPENT;
  for (const nowMs of atMs) {
    const paid = spend(RATE, paidUntilMs, nowMs);
    if (paid === undefined) continue;
    done.push(nowMs);
    paidUntilMs = paid;
  }
  return done;
}

test("spend(): some at once, then one in each period", (t) => {
  const all = Array.from({ length: 500 }, (_, i) => 10 * i);
  t.deepEqual(timesDone(all), [0, 10, 20, 1000, 2000, 3000, 4000]);
});

test("spend(): after a quiet time there are some at once again", (t) => {
  t.deepEqual(timesDone([0, 1, 2, 3, 5000, 5001, 5002, 5003]), [0, 1, 2, 5000, 5001, 5002]);
});

test("spend(): never more than the rate, whatever the times are; freeAtMs() says when again", (t) => {
  const pauses = fc.array(fc.nat(2500), { maxLength: 60 });
  fc.assert(
    fc.property(pauses, (list) => {
      let nowMs = 0;
      const times = list.map((pauseMs) => (nowMs += pauseMs));
      const done = timesDone(times);
      for (const [i, from] of done.entries()) {
        const within = done.slice(i).filter((atMs) => atMs - from < RATE.everyMs);
        t.true(within.length <= RATE.atOnce + 1);
        const after = done.slice(i).filter((atMs) => atMs - from < 10 * RATE.everyMs);
        t.true(after.length <= RATE.atOnce + 10);
      }
    }),
  );
  const paid = spend(RATE, 5000, 4000) ?? 0;
  t.is(spend(RATE, paid, freeAtMs(RATE, paid) - 1), undefined);
  t.not(spend(RATE, paid, freeAtMs(RATE, paid)), undefined);
});
