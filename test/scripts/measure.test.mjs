// The demo's figures are as good as the arithmetic behind them: it runs anywhere.

import test from "ava";
import {
  bothHeldMs,
  lostMs,
  masterDownMs,
  outageOf,
  pausedMs,
  slowMs,
} from "../../scripts/lab/measure.mjs";

const at = (sentMs, ok) => ({ sentMs, ok, server: "rs1", tookMs: 1 });

test("outageOf() spans from the last answer before the loss to the first after it", (t) => {
  const samples = [
    at(0, true),
    at(5, true),
    at(10, false),
    at(15, false),
    at(20, true),
    at(25, true),
  ];
  t.deepEqual(outageOf(samples), { outageMs: 15, lost: 2, late: 0, sent: 6, ended: true });
});

test("outageOf() takes an answer that comes late for no service, but not for a loss", (t) => {
  const late = { ...at(5, true), tookMs: 700 };
  t.like(outageOf([at(0, true), late, at(10, true)]), { outageMs: 10, lost: 0, late: 1 });
});

test("outageOf() does not call a pause of the client an outage", (t) => {
  t.is(outageOf([at(0, true), at(500, true)]).outageMs, 0);
});

test("outageOf() says when the service did not come back", (t) => {
  t.false(outageOf([at(0, true), at(5, false)]).ended);
});

test("pausedMs() sums the gaps that the client did not make", (t) => {
  const sentMs = [0, 5, 10, 15, 115, 120, 170];
  t.is(pausedMs(sentMs.map((each) => at(each, true))), 150);
  t.is(pausedMs([0, 50, 100, 150].map((each) => at(each, true))), 0, "that is its rate");
  t.is(pausedMs([]), 0);
});

test("slowMs() is two gaps and ten answers, whatever was lost", (t) => {
  const samples = [at(0, true), at(20, true), { ...at(40, false), tookMs: 900 }, at(60, true)];
  t.is(slowMs(samples), 50);
  t.is(slowMs([]), 0);
});

test("lostMs() is what was lost at the rate of the client, not what was late", (t) => {
  const samples = [at(0, true), at(10, false), { ...at(20, true), tookMs: 700 }, at(30, false)];
  t.is(lostMs(samples), 20);
  t.is(lostMs([]), 0);
});

test("bothHeldMs() counts the time with two holders, cut to the window", (t) => {
  const change = (atMs, node, held) => ({ atMs, node, held });
  const changes = [
    change(0, "d1", true),
    change(10, "d2", true),
    change(30, "d1", false),
    change(50, "d1", true),
  ];
  t.is(bothHeldMs(changes, { fromMs: 0, toMs: 40 }), 20);
  t.is(bothHeldMs(changes, { fromMs: 15, toMs: 60 }), 25);
  t.is(bothHeldMs(changes.slice(0, 1), { fromMs: 0, toMs: 40 }), 0);
});

test("masterDownMs() is 3 x advert_int + skew (RFC 3768 section 6.1)", (t) => {
  t.is(masterDownMs({ advertIntervalMs: 1000, priority: 100 }), 3609.375);
});
