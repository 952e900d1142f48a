import test from "ava";
import { type Heard, openOthers } from "../../src/vrrp/others.ts";

function heard(nowMs: number, change: Partial<Heard> = {}): Heard {
  const bytes = Buffer.from([0x21, 51, 100, 0]);
  return { nowMs, why: "auth_failure", source: "10.0.0.2", bytes, intervalMs: 1000, ...change };
}

test("who goes on for a second is told, with how often and since when", (t) => {
  const others = openOthers();
  others.note(heard(0));
  others.note(heard(1));
  others.note(heard(2));
  t.deepEqual(others.lasting(2), [], "three of one moment may be a hand-over");
  others.note(heard(1000));
  const [only, ...more] = others.lasting(1000);
  t.deepEqual(more, []);
  t.like(only, { source: "10.0.0.2", why: "auth_failure", sinceMs: 0, lastMs: 1000, adverts: 4 });
});

test("two adverts are no habit, however far apart", (t) => {
  const others = openOthers();
  others.note(heard(0));
  others.note(heard(2000));
  t.deepEqual(others.lasting(2000), []);
});

test("who falls silent for five seconds is forgotten, and begins anew", (t) => {
  const others = openOthers();
  for (const nowMs of [0, 1000, 2000]) others.note(heard(nowMs));
  t.is(others.lasting(6999).length, 1);
  t.deepEqual(others.lasting(7000), []);
  others.note(heard(8000));
  t.deepEqual(others.lasting(8000), []);
  others.note(heard(9000));
  others.note(heard(10_000));
  t.like(others.lasting(10_000)[0], { sinceMs: 8000, adverts: 3 });
});

test("one that says to speak rarely may be silent for three of its intervals, two minutes at most", (t) => {
  const others = openOthers();
  for (const nowMs of [0, 10_000, 20_000]) others.note(heard(nowMs, { intervalMs: 10_000 }));
  t.is(others.lasting(49_999).length, 1);
  t.deepEqual(others.lasting(50_000), []);
  for (const nowMs of [60_000, 61_000, 62_000]) others.note(heard(nowMs, { intervalMs: 255_000 }));
  t.is(others.lasting(191_999).length, 1);
  t.deepEqual(others.lasting(192_000), []);
});

test("one source with two faults is two, and two sources are two", (t) => {
  const others = openOthers();
  for (const nowMs of [0, 1000, 2000]) {
    others.note(heard(nowMs));
    others.note(heard(nowMs, { why: "version" }));
    others.note(heard(nowMs, { source: "10.0.0.3" }));
  }
  t.deepEqual(
    others.lasting(2000).map(({ source, why }) => `${source} ${why}`),
    ["10.0.0.2 auth_failure", "10.0.0.2 version", "10.0.0.3 auth_failure"],
  );
});

test("strangers fill no memory, and who is there is not pushed out by them", (t) => {
  const others = openOthers(4);
  for (let nowMs = 0; nowMs < 3000; nowMs += 1000) {
    others.note(heard(nowMs));
    for (let i = 0; i < 1000; i += 1) others.note(heard(nowMs, { source: `10.1.${i >> 8}.${i}` }));
  }
  t.is(others.lasting(2000).length, 4);
  t.is(others.lasting(2000)[0]?.source, "10.0.0.2");
  others.note(heard(60_000, { source: "10.0.0.9" }));
  others.note(heard(61_000, { source: "10.0.0.9" }));
  others.note(heard(62_000, { source: "10.0.0.9" }));
  t.is(others.lasting(62_000)[0]?.source, "10.0.0.9", "the place of one that is forgotten is free");
});

test("the bytes are a copy, made anew once a second at most", (t) => {
  const others = openOthers();
  const bytes = Buffer.from([1]);
  others.note(heard(0, { bytes }));
  bytes[0] = 2;
  others.note(heard(999, { bytes }));
  others.note(heard(999, { bytes }));
  const copy = (): unknown => others.lasting(1999)[0]?.bytes[0];
  others.note(heard(1000, { bytes }));
  t.is(copy(), 2);
  bytes[0] = 3;
  others.note(heard(1999, { bytes }));
  t.is(copy(), 2);
});
