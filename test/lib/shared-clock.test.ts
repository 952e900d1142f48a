import test from "ava";
import { nowMs } from "../../src/lib/clock.ts";
import { Queue } from "../../src/lib/queue.ts";
import { openSharedClock } from "../../src/lib/shared-clock.ts";

test("openSharedClock() rings never early, in order, and neighbours in one turn", async (t) => {
  const clock = openSharedClock(20);
  const startMs = nowMs();
  const rung: string[] = [];
  let turns = 0;
  await new Promise<void>((resolve) => {
    const set = (name: string, inMs: number): void =>
      clock
        .alarm(() => {
          t.true(nowMs() >= startMs + inMs, name);
          if (rung.push(name) === 1) setImmediate(() => (turns = rung.length));
        })
        .set(startMs + inMs);
    const grainMs = Math.ceil(startMs / 20) * 20 - startMs;
    set("second", grainMs + 25);
    set("first", grainMs + 21);
    clock.alarm(() => t.fail("switched off")).set(Infinity);
    const off = clock.alarm(() => t.fail("switched off"));
    // In the same grain: a wake-up before it that comes late would find only one of the two due.
    off.set(startMs + grainMs + 22);
    off.set(Infinity);
    clock.alarm(resolve).set(startMs + 200);
  });
  t.deepEqual(rung, ["first", "second"]);
  t.is(turns, 2);
});

test("a Queue gives back what it was given, in order", (t) => {
  const queue = new Queue<number>();
  let given = 0;
  let taken = 0;
  for (let round = 0; round < 2000; round += 1) {
    for (let i = round % 3; i >= 0; i -= 1) queue.push((given += 1));
    t.is(queue.first(), taken + 1);
    t.is(queue.shift(), (taken += 1));
    t.is(queue.length, given - taken);
  }
  while (queue.length > 0) t.is(queue.shift(), (taken += 1));
  t.is(queue.shift(), undefined);
});
