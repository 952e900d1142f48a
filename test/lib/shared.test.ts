import test from "ava";
import { shared } from "../../src/lib/shared.ts";

test("shared(): a thousand who ask at once are two runs, and each run begins after its askers asked", async (t) => {
  let asked = 0;
  let running = 0;
  const seen: number[] = [];
  const ask = shared(async () => {
    running += 1;
    t.is(running, 1, "one at a time");
    seen.push(asked);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return seen.length;
  });
  asked = 1;
  const first = ask();
  await Promise.resolve();
  const others = Array.from({ length: 1000 }, async () => {
    asked += 1;
    return ask();
  });
  t.is(await first, 1);
  t.deepEqual(new Set(await Promise.all(others)), new Set([2]));
  t.deepEqual(seen, [1, 1001]);
});

test("shared(): a run that fails fails for those who share it, and the next one runs", async (t) => {
  let runs = 0;
  const ask = shared(async () => {
    runs += 1;
    await Promise.resolve();
    if (runs === 1) throw new Error("no");
    return runs;
  });
  await t.throwsAsync(ask, { message: "no" });
  t.is(await ask(), 2);
});
