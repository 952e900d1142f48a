import test from "ava";
import fc from "fast-check";
import type { Event } from "../../src/control/events.ts";
import { openJournal } from "../../src/desk/journal.ts";

test("openJournal() gives events with the newest last, and the newest when asked for few", (t) => {
  const journal = openJournal(10);
  for (const n of [1, 2, 3]) journal.add(event(n));
  t.deepEqual(journal.latest(), [event(1), event(2), event(3)]);
  t.deepEqual(journal.latest(2), [event(2), event(3)]);
  t.deepEqual(journal.latest(0), []);
});

test("openJournal() keeps exactly the last ones, however many come", (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.nat({ max: 70 }),
      fc.nat({ max: 30 }),
      (max, count, limit) => {
        const journal = openJournal(max);
        const all = Array.from({ length: count }, (_, i) => event(i));
        for (const one of all) journal.add(one);
        const kept = all.slice(-max);
        t.deepEqual(journal.latest(), kept);
        t.deepEqual(journal.latest(limit), limit === 0 ? [] : kept.slice(-limit));
      },
    ),
  );
});

test("openJournal() holds 1000 events by default", (t) => {
  const journal = openJournal();
  for (let n = 0; n < 1500; n++) journal.add(event(n));
  t.is(journal.latest().length, 1000);
  t.deepEqual(journal.latest()[0], event(500));
});

function event(n: number): Event {
  return { kind: "quorum", at: String(n), virtual_server: "web", to: "UP", cause: "test" };
}
