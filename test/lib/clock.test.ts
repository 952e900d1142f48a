import test from "ava";
import { nowMs, timeoutClock, wallTime, wallTimeOf } from "../../src/lib/clock.ts";

test("timeoutClock never rings early, to the fraction of a millisecond", async (t) => {
  for (const waitMs of [0, 0.3, 1.7, 4.999]) {
    const atMs = nowMs() + waitMs;
    const rangAtMs = await ringOf((ring) => timeoutClock.alarm(ring).set(atMs));
    t.true(rangAtMs >= atMs, `rang ${atMs - rangAtMs} ms early`);
  }
});

test("timeoutClock rings once for the time set last", async (t) => {
  let rings = 0;
  const startMs = nowMs();
  const rangAtMs = await ringOf((ring) => {
    const alarm = timeoutClock.alarm(() => {
      rings += 1;
      ring();
    });
    alarm.set(startMs + 5);
    alarm.set(startMs + 30);
  });
  t.true(rangAtMs >= startMs + 30);
  t.is(rings, 1);
});

test("timeoutClock: Infinity switches an alarm off", async (t) => {
  const alarm = timeoutClock.alarm(() => t.fail("rang"));
  alarm.set(nowMs() + 5);
  alarm.set(Infinity);
  await ringOf((ring) => timeoutClock.alarm(ring).set(nowMs() + 20));
  t.pass();
});

test("timeoutClock: a time beyond what setTimeout can count does not ring at once", async (t) => {
  const alarm = timeoutClock.alarm(() => t.fail("rang"));
  alarm.set(nowMs() + 2 ** 40);
  await ringOf((ring) => timeoutClock.alarm(ring).set(nowMs() + 20));
  alarm.set(Infinity);
  t.pass();
});

test("wallTimeOf() tells a monotonic time as wall time", (t) => {
  const beforeMs = Date.parse(wallTime());
  const agoMs = Date.parse(wallTimeOf(nowMs() - 60_000)) + 60_000;
  // Both clocks are cut to milliseconds, each at another moment.
  t.true(agoMs >= beforeMs - 2 && agoMs <= Date.parse(wallTime()) + 2);
});

function ringOf(start: (ring: () => void) => void): Promise<number> {
  return new Promise((resolve) => {
    start(() => {
      resolve(nowMs());
    });
  });
}
