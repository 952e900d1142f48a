import test from "ava";
import { openWatchdog, type Watchdog } from "../../src/daemon/guardian/watchdog.ts";
import { type VirtualClock, virtualClock } from "../helpers/virtual-clock.ts";

type Kennel = VirtualClock & { readonly watchdog: Watchdog; readonly barks: () => number };

function open(): Kennel {
  const virtual = virtualClock(1000);
  let barks = 0;
  const watchdog = openWatchdog(virtual.clock, 2000, () => {
    barks += 1;
  });
  return { ...virtual, watchdog, barks: () => barks };
}

test("openWatchdog() is quiet while it is fed", (t) => {
  const { watchdog, advance, barks } = open();
  for (let i = 0; i < 100; i += 1) {
    watchdog.fed();
    advance(1900);
  }
  t.is(barks(), 0);
});

test("openWatchdog() barks once for a silence, within a quarter of a second", (t) => {
  const { watchdog, advance, barks } = open();
  watchdog.fed();
  advance(2000);
  t.is(barks(), 0);
  advance(250);
  t.is(barks(), 1);
  advance(60_000);
  t.is(barks(), 1);
});

test("openWatchdog() watches again after the next feeding", (t) => {
  const { watchdog, advance, barks } = open();
  watchdog.fed();
  advance(10_000);
  watchdog.fed();
  advance(1000);
  t.is(barks(), 1);
  advance(10_000);
  t.is(barks(), 2);
});

test("openWatchdog() has nobody to watch before the first feeding and while it rests", (t) => {
  const { watchdog, advance, barks } = open();
  advance(60_000);
  watchdog.fed();
  advance(1000);
  watchdog.rest();
  advance(60_000);
  t.is(barks(), 0);
});

test("openWatchdog() does not blame the role for a time in which the guardian itself stood still", (t) => {
  let nowMs = 0;
  let ring = (): void => {};
  let barks = 0;
  const watchdog = openWatchdog(
    {
      nowMs: () => nowMs,
      alarm(given) {
        ring = given;
        return { set: () => {} };
      },
    },
    2000,
    () => {
      barks += 1;
    },
  );
  watchdog.fed();
  nowMs = 10_000; // the alarm of 250 rings only now
  ring();
  t.is(barks, 0);
  for (nowMs = 10_250; nowMs <= 12_250; nowMs += 250) ring();
  t.is(barks, 1, "the silence after that counts");
});
