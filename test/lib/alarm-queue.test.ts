import test from "ava";
import fc from "fast-check";
import { newEntry, openAlarmQueue } from "../../src/lib/alarm-queue.ts";

test("takeDue() gives what a list that is searched through would give, whatever is set in between", (t) => {
  const set = fc.record({
    entry: fc.nat({ max: 7 }),
    inMs: fc.nat({ max: 50 }),
    off: fc.boolean(),
  });
  const step = fc.record({ sets: fc.array(set, { maxLength: 12 }), waitMs: fc.nat({ max: 30 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const queue = openAlarmQueue();
      const entries = Array.from({ length: 8 }, () => newEntry(() => {}));
      const plain = new Map<number, number>();
      let nowMs = 0;
      for (const { sets, waitMs } of steps) {
        for (const { entry, inMs, off } of sets) {
          const atMs = off ? Infinity : nowMs + inMs;
          plain.delete(entry);
          if (!off) plain.set(entry, atMs);
          const each = entries[entry];
          if (each !== undefined) queue.set(each, atMs);
        }
        nowMs += waitMs;
        const earliestMs = Math.min(Infinity, ...plain.values());
        t.true(queue.nextMs() <= earliestMs);
        const due = queue.takeDue(nowMs);
        const expected = [...plain].filter(([, atMs]) => atMs <= nowMs);
        for (const entry of due) entry.atMs = Infinity;
        t.deepEqual(
          due.map((entry) => entries.indexOf(entry)).toSorted((a, b) => a - b),
          expected.map(([entry]) => entry).toSorted((a, b) => a - b),
        );
        for (const [entry] of expected) plain.delete(entry);
        t.true(plain.size === 0 || queue.nextMs() !== Infinity);
      }
    }),
  );
});

test("takeDue() keeps the order of time, whenever it was set", (t) => {
  const queue = openAlarmQueue();
  const [a, b, c, d] = [
    newEntry(() => {}),
    newEntry(() => {}),
    newEntry(() => {}),
    newEntry(() => {}),
  ];
  queue.set(c, 20);
  queue.set(a, 30);
  queue.set(a, 10);
  queue.set(b, 10);
  queue.set(d, 15);
  queue.set(d, 25);
  t.deepEqual(
    queue.takeDue(25).map((entry) => [a, b, c, d].indexOf(entry)),
    [0, 1, 2, 3],
  );
  t.is(queue.nextMs(), 30); // the old place of one that was set earlier since
  t.deepEqual(queue.takeDue(30), []);
});

test("an alarm that is put off a thousand times takes one place", (t) => {
  const queue = openAlarmQueue();
  const entry = newEntry(() => {});
  for (let i = 0; i < 1000; i += 1) queue.set(entry, 10 + i);
  t.is(queue.nextMs(), 10);
  t.deepEqual(queue.takeDue(500), []);
  t.is(queue.nextMs(), 1009);
  t.deepEqual(queue.takeDue(1009), [entry]);
  t.is(queue.nextMs(), Infinity);
});
