import test from "ava";
import fc from "fast-check";
import { masterDownMs, skewMs } from "../../src/vrrp/timers.ts";

const anyPriority = fc.integer({ min: 1, max: 255 });
const anyIntervalMs = fc.integer({ min: 1, max: 4095 }).map((centiseconds) => centiseconds * 10);

test("RFC 5798 §6.1 skewMs(): ((256 - priority) * Master_Adver_Interval) / 256", (t) => {
  t.is(skewMs({ version: 3, priority: 100 }, 1000), 609.375);
  t.is(skewMs({ version: 3, priority: 100 }, 100), 60.9375);
  t.is(skewMs({ version: 3, priority: 255 }, 40_950), 40_950 / 256);
});

test("RFC 3768 §6.1 skewMs(): version 2 has (256 - priority) / 256 seconds, whatever the interval", (t) => {
  t.is(skewMs({ version: 2, priority: 100 }, 1000), 609.375);
  t.is(skewMs({ version: 2, priority: 100 }, 255_000), 609.375);
});

test("masterDownMs() is three intervals and the skew", (t) => {
  t.is(masterDownMs({ version: 3, priority: 100 }, 1000), 3609.375);
  t.is(masterDownMs({ version: 2, priority: 150 }, 1000), 3414.0625);
});

test("of two backups the one with the higher priority is earlier", (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(2 as const, 3 as const),
      anyPriority,
      anyPriority,
      anyIntervalMs,
      (version, a, b, intervalMs) => {
        fc.pre(a > b);
        const early = masterDownMs({ version, priority: a }, intervalMs);
        t.true(early < masterDownMs({ version, priority: b }, intervalMs));
      },
    ),
  );
});
