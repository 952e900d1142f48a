import test from "ava";
import fc from "fast-check";
import { openAlarmQueue } from "../../src/lib/alarm-queue.ts";

test("ringDue() rings what a list that is searched through would give, whatever is set in between", (t) => {
  const set = fc.record({
    entry: fc.nat({ max: 7 }),
    inMs: fc.nat({ max: 50 }),
    off: fc.boolean(),
  });
  const step = fc.record({ sets: fc.array(set, { maxLength: 12 }), waitMs: fc.nat({ max: 30 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const queue = openAlarmQueue();
      const rung: number[] = [];
      const alarms = Array.from({ length: 8 }, (_, each) => queue.alarm(() => rung.push(each)));
      const plain = new Map<number, number>();
      let nowMs = 0;
      for (const { sets, waitMs } of steps) {
        for (const { entry, inMs, off } of sets) {
          const atMs = off ? Infinity : nowMs + inMs;
          plain.delete(entry);
          if (!off) plain.set(entry, atMs);
          alarms[entry]?.set(atMs);
        }
        nowMs += waitMs;
        const earliestMs = Math.min(Infinity, ...plain.values());
        t.true(queue.nextMs() <= earliestMs);
        rung.length = 0;
        queue.ringDue(nowMs);
        const expected = [...plain].filter(([, atMs]) => atMs <= nowMs);
        t.deepEqual(
          rung.toSorted((a, b) => a - b),
          expected.map(([entry]) => entry).toSorted((a, b) => a - b),
        );
        for (const [entry] of expected) plain.delete(entry);
        t.true(plain.size === 0 || queue.nextMs() !== Infinity);
      }
    }),
  );
});

test("ringDue() keeps the order of time, whenever it was set", (t) => {
  const queue = openAlarmQueue();
  const rung: string[] = [];
  const [a, b, c, d] = (["a", "b", "c", "d"] as const).map((name) =>
    queue.alarm(() => rung.push(name)),
  );
  c?.set(20);
  a?.set(30);
  a?.set(10);
  b?.set(10);
  d?.set(15);
  d?.set(25);
  queue.ringDue(25);
  t.deepEqual(rung, ["a", "b", "c", "d"]);
  t.is(queue.nextMs(), 30); // the old place of one that was set earlier since
  queue.ringDue(30);
  t.is(rung.length, 4);
});

test("one that rings may put off the next, or switch it off", (t) => {
  const queue = openAlarmQueue();
  const rung: string[] = [];
  const first = queue.alarm(() => {
    rung.push("first");
    later.set(20);
    off.set(Infinity);
    first.set(5);
  });
  const later = queue.alarm(() => rung.push("later"));
  const off = queue.alarm(() => rung.push("off"));
  for (const [nth, alarm] of [first, later, off].entries()) alarm.set(nth);
  queue.ringDue(10);
  t.deepEqual(rung, ["first"]);
  t.is(queue.nextMs(), 5); // set while it rang: the next look rings it
  queue.ringDue(30);
  t.deepEqual(rung, ["first", "first", "later"]);
});

test("an alarm that is put off a thousand times takes one place, and who is later than others tells nobody", (t) => {
  const earlier: number[] = [];
  const queue = openAlarmQueue((atMs) => earlier.push(atMs));
  let rings = 0;
  const alarm = queue.alarm(() => (rings += 1));
  for (let i = 0; i < 1000; i += 1) alarm.set(10 + i);
  queue.alarm(() => {}).set(2000);
  t.deepEqual(earlier, [10]);
  t.is(queue.nextMs(), 10);
  queue.ringDue(500);
  t.is(queue.nextMs(), 1009);
  t.is(rings, 0);
  queue.ringDue(1009);
  t.is(rings, 1);
  t.is(queue.nextMs(), 2000);
});
