import test, { type ExecutionContext } from "ava";
import { openTimerfdClock, type TimerfdClock } from "../../src/kernel/timerfd.ts";
import { eventually } from "../helpers/wait.ts";

function open(t: ExecutionContext): TimerfdClock {
  const clock = openTimerfdClock();
  t.teardown(() => clock.close());
  return clock;
}

test.serial("never early, to the fraction of a millisecond", async (t) => {
  const clock = open(t);
  const early: number[] = [];
  let rings = 0;
  for (let i = 0; i < 200; i += 1) {
    const atMs = clock.nowMs() + i * 0.37;
    const alarm = clock.alarm(() => {
      rings += 1;
      if (clock.nowMs() < atMs) early.push(atMs - clock.nowMs());
    });
    alarm.set(atMs);
  }
  await eventually("all have rung", () => rings === 200);
  t.deepEqual(early, []);
});

test.serial("an alarm of the past rings, and not in the call that sets it", async (t) => {
  const clock = open(t);
  let rings = 0;
  const alarm = clock.alarm(() => {
    rings += 1;
  });
  alarm.set(clock.nowMs() - 1000);
  t.is(rings, 0);
  await eventually("it rings", () => rings === 1);
});

test.serial(
  "alarms ring in the order of their times, whatever the order they were set in",
  async (t) => {
    const clock = open(t);
    const rung: string[] = [];
    const startMs = clock.nowMs() + 10;
    for (const [name, afterMs] of [
      ["c", 3],
      ["a", 0],
      ["d", 12.5],
      ["b", 0.5],
    ] as const) {
      clock.alarm(() => void rung.push(name)).set(startMs + afterMs);
    }
    await eventually("all have rung", () => rung.length === 4);
    t.deepEqual(rung, ["a", "b", "c", "d"]);
  },
);

test.serial("alarms of one millisecond share one wake-up", async (t) => {
  const clock = open(t);
  let turn = 0;
  const turns: number[] = [];
  const atMs = Math.ceil(clock.nowMs()) + 20;
  for (let i = 1; i <= 10; i += 1) {
    const alarm = clock.alarm(() => {
      turns.push(turn);
      // A later turn of the loop would see another number.
      if (turns.length === 1) setImmediate(() => (turn += 1));
    });
    alarm.set(atMs - 1 + i / 10);
  }
  await eventually("all have rung", () => turns.length === 10);
  t.deepEqual(new Set(turns), new Set([0]));
});

test.serial("an alarm that is moved later rings once, later", async (t) => {
  const clock = open(t);
  const startMs = clock.nowMs();
  const rung: number[] = [];
  const alarm = clock.alarm(() => void rung.push(clock.nowMs()));
  alarm.set(startMs + 10);
  alarm.set(startMs + 60);
  await eventually("it rings", () => rung.length > 0);
  await ringOf(clock, 20);
  t.is(rung.length, 1);
  t.true((rung[0] ?? 0) >= startMs + 60);
});

test.serial("an alarm that is moved earlier rings earlier", async (t) => {
  const clock = open(t);
  let rang = false;
  const alarm = clock.alarm(() => {
    rang = true;
  });
  alarm.set(clock.nowMs() + 60_000);
  alarm.set(clock.nowMs() + 5);
  await eventually("it rings", () => rang);
  t.pass();
});

test.serial("Infinity switches an alarm off", async (t) => {
  const clock = open(t);
  const alarm = clock.alarm(() => t.fail("it rang"));
  alarm.set(clock.nowMs() + 5);
  alarm.set(Infinity);
  await ringOf(clock, 20);
  t.pass();
});

test.serial(
  "an alarm that another one of the same wake-up switches off does not ring",
  async (t) => {
    const clock = open(t);
    const atMs = Math.ceil(clock.nowMs()) + 10;
    const off = clock.alarm(() => t.fail("it rang"));
    const later: number[] = [];
    const putOff = clock.alarm(() => void later.push(clock.nowMs()));
    const first = clock.alarm(() => {
      off.set(Infinity);
      putOff.set(atMs + 30);
    });
    first.set(atMs - 0.9);
    off.set(atMs - 0.8);
    putOff.set(atMs - 0.7);
    await eventually("the one that was put off rings", () => later.length > 0);
    t.is(later.length, 1);
    t.true((later[0] ?? 0) >= atMs + 30);
  },
);

test.serial("an alarm may set itself again while it rings", async (t) => {
  const clock = open(t);
  let rings = 0;
  const alarm = clock.alarm(() => {
    rings += 1;
    if (rings < 20) alarm.set(clock.nowMs() + 1);
  });
  alarm.set(clock.nowMs());
  await eventually("it has rung twenty times", () => rings === 20);
  t.pass();
});

function ringOf(clock: TimerfdClock, afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.alarm(resolve).set(clock.nowMs() + afterMs);
  });
}
