import test from "ava";
import { openLateness, openPulse } from "../../src/daemon/vrrp/lateness.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

function open() {
  const { log, lines } = memoryLog();
  const raised: number[] = [];
  const { clock, advance } = virtualClock();
  const lateness = openLateness({
    clock,
    log,
    setRealTime: (priority) => void raised.push(priority),
  });
  return { lateness, lines, raised, advance };
}

test("a timer that is late is told, the worst of a minute in one line", (t) => {
  const { lateness, lines, raised, advance } = open();
  lateness.configure({ fromMs: 100, maxAutoPriority: 0 }, null);
  for (const lateMs of [5, 99, 150.4, 900, 200]) lateness.late(lateMs);
  advance(61_000);
  t.deepEqual(
    lines.map(({ level, late_ms, times }) => [level, late_ms, times]),
    [
      [40, 150, 1],
      [40, 900, 2],
    ],
  );
  t.deepEqual(raised, []);
});

test("with max_auto_priority the priority goes up with every one of them, from what is configured", (t) => {
  const { lateness, raised } = open();
  lateness.configure({ fromMs: 100, maxAutoPriority: 12 }, 10);
  for (let i = 0; i < 5; i += 1) lateness.late(500);
  t.deepEqual(raised, [11, 12]);
});

test("openPulse() tells of a pause before a wake-up, and of no other", (t) => {
  let nowMs = 0;
  let gaps = 0;
  const pulse = openPulse(
    () => nowMs,
    () => void (gaps += 1),
  );
  const beatAfter = (ms: number): void => {
    nowMs += ms;
    pulse.beat();
  };
  beatAfter(10_000);
  pulse.configure(300);
  for (const ms of [100, 299, 300, 5, 2000]) beatAfter(ms);
  t.is(gaps, 2);
});
