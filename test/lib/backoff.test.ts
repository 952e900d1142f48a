import test from "ava";
import { backoffMs, UP_TO_A_MINUTE } from "../../src/lib/backoff.ts";

test("backoffMs() doubles up to its limit, however often it failed", (t) => {
  t.deepEqual(
    [1, 2, 3, 7, 99, 5000].map((failures) => backoffMs(UP_TO_A_MINUTE, failures)),
    [1000, 2000, 4000, 60_000, 60_000, 60_000],
  );
});
