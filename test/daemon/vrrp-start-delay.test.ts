import test from "ava";
import { openStartDelay } from "../../src/daemon/vrrp/start-delay.ts";
import { uptimeMs } from "../../src/lib/clock.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

function open(startedAgoMs: number) {
  const { clock, advance } = virtualClock(1_000_000);
  const { log } = memoryLog();
  let over = 0;
  const delay = openStartDelay({
    clock,
    log,
    startedUptimeMs: uptimeMs() - startedAgoMs,
    onOver: () => void (over += 1),
  });
  return { delay, advance, over: () => over };
}

const NONE = { startupMs: 0, afterBootMs: 0 };

test("without a delay nothing waits", (t) => {
  const { delay, over } = open(0);
  delay.configure(NONE);
  t.is(delay.waiting(), null);
  t.is(over(), 0);
});

test("vrrp_startup_delay counts from the start of duet, and says what is waited for", (t) => {
  const { delay, advance, over } = open(4000);
  delay.configure({ ...NONE, startupMs: 10_000 });
  const waiting = delay.waiting();
  t.deepEqual(waiting?.for, ["vrrp_startup_delay"]);
  t.true(Math.abs((waiting?.left_ms ?? 0) - 6000) < 1000, `${waiting?.left_ms}`);
  advance(20_000);
  t.is(delay.waiting(), null);
  t.is(over(), 1);
});

test("a vrrp role that is started again does not wait again", (t) => {
  const { delay } = open(60_000);
  delay.configure({ ...NONE, startupMs: 10_000 });
  t.is(delay.waiting(), null);
});

test("vrrp_delay_after_boot counts from the boot; the longer one holds", (t) => {
  const { delay } = open(0);
  const afterBootMs = uptimeMs() + 30_000;
  delay.configure({ startupMs: 5000, afterBootMs });
  t.deepEqual(delay.waiting()?.for, ["vrrp_delay_after_boot"]);
  delay.configure({ startupMs: 90_000, afterBootMs });
  t.deepEqual(delay.waiting()?.for, ["vrrp_startup_delay"]);
});

test("a reload within the delay makes it longer, shorter, or ends it", (t) => {
  const { delay, advance, over } = open(0);
  delay.configure({ ...NONE, startupMs: 10_000 });
  delay.configure({ ...NONE, startupMs: 60_000 });
  advance(30_000);
  t.not(delay.waiting(), null);
  delay.configure(NONE);
  t.is(delay.waiting(), null);
  advance(60_000);
  t.is(over(), 0, "who ended it knows");
});

test("a reload after it begins none", (t) => {
  const { delay } = open(0);
  delay.configure(NONE);
  delay.configure({ ...NONE, startupMs: 60_000 });
  t.is(delay.waiting(), null);
});
