import test from "ava";
import { dueAtMs, NEVER_PUT_BACK, noted } from "../../src/vip/holding/put-back.ts";

/** Somebody removes it again the moment it is back; when it was put back, and what was told. */
function fight(untilMs: number): { readonly timesMs: number[]; readonly told: number[] } {
  const timesMs: number[] = [];
  const told: number[] = [];
  let state = NEVER_PUT_BACK;
  for (let nowMs = 0; nowMs <= untilMs; nowMs = dueAtMs(state, nowMs + 1)) {
    const result = noted(state, nowMs);
    state = result.state;
    timesMs.push(nowMs);
    if (result.tell !== null) told.push(result.tell);
  }
  return { timesMs, told };
}

test("put-back: ten times at once, then once a second", (t) => {
  const { timesMs } = fight(8000);
  t.deepEqual(timesMs.slice(0, 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  t.deepEqual(timesMs.slice(10, 13), [1009, 2009, 3009]);
});

test("put-back: a fight is told once a minute, with its count", (t) => {
  const { timesMs, told } = fight(10 * 60_000);
  t.true(told.length < 10 + 12, `${told.length} lines`);
  const sum = told.reduce((all, each) => all + each, 0);
  t.true(sum <= timesMs.length && sum > timesMs.length - 65);
  t.true(told.some((count) => count >= 50));
});

test("put-back: after a quiet time it is at once again", (t) => {
  let state = NEVER_PUT_BACK;
  for (let nowMs = 0; nowMs < 10; nowMs += 1) state = noted(state, nowMs).state;
  t.is(dueAtMs(state, 10), 1009);
  t.is(dueAtMs(state, 11_010), 11_010);
  t.is(noted(state, 11_010).tell, 1);
});
