import test from "ava";
import { newCounters } from "../../src/daemon/vrrp/counters.ts";
import { REJECT_REASONS } from "../../src/vrrp/accept.ts";

test("newCounters() has every reason of a rejection, at 0", (t) => {
  const { rejected } = newCounters();
  t.deepEqual(Object.keys(rejected).sort(), [...REJECT_REASONS].sort());
  t.deepEqual(new Set(Object.values(rejected)), new Set([0]));
});
