// Checks by BFD sessions: what is known of them, and what a checker makes of that.

import test from "ava";
import { openRunner } from "../../src/check/runner.ts";
import { openSessions, type Sessions } from "../../src/check/sessions.ts";
import type { CheckConfigOf } from "../../src/check/types/index.ts";
import { commonCheck } from "../helpers/checks.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const up = { name: "s", up: true, detail: "Up" };
const down = { name: "s", up: false, detail: "Down: neighbor signaled session down" };
const config: CheckConfigOf<"bfd"> = {
  ...commonCheck,
  type: "bfd",
  intervalMs: 6000,
  timeoutMs: 5000,
  session: "s",
  isNamed: true,
};

function bench(): {
  readonly sessions: Sessions;
  readonly advance: (ms: number) => Promise<void>;
  readonly log: string[];
  readonly start: (assumeUp: boolean) => Promise<void>;
} {
  const { clock, advance } = virtualClock();
  const log: string[] = [];
  const sessions = openSessions({
    clock,
    onChange: (names) => runner.news((each) => each.type === "bfd" && names.has(each.session)),
  });
  const runner = openRunner({
    clock,
    sessions,
    onVerdict: (_key, isUp, { cause, detail }) =>
      void log.push(`${clock.nowMs()} ${isUp ? "UP" : "DOWN"} ${cause}: ${detail}`),
  });
  return {
    sessions,
    log,
    async advance(ms) {
      advance(ms);
      await settled();
    },
    async start(assumeUp) {
      const how = { assumeUp, firstDelayMs: 0, chance: 0 };
      runner.start("k", { address: "10.0.0.1", port: 80 }, config, how);
      advance(0);
      await settled();
    },
  };
}

/** Results of probes come by promises. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test("a session that goes down or comes up is a verdict at once", async (t) => {
  const { sessions, advance, log, start } = bench();
  sessions.told(1, [up]);
  await start(false);
  await advance(1234);
  sessions.told(1, [down]);
  await advance(0);
  await advance(500);
  sessions.told(1, [up]);
  await advance(0);
  t.deepEqual(log, [
    "0 UP success: Up",
    `1234 DOWN says_down: ${down.detail}`,
    "1734 UP success: Up",
  ]);
});

test("a session that was never up is waited for until the limit, and then DOWN", async (t) => {
  const { sessions, advance, log, start } = bench();
  sessions.told(1, [{ ...down, detail: "Down" }]);
  await start(true);
  await advance(2900);
  sessions.told(1, [{ ...down, detail: "Init" }]);
  await advance(2099);
  t.deepEqual(log, []);
  await advance(1);
  t.deepEqual(log, ["5000 DOWN says_down: Init, and not Up in 5000 ms"]);
});

test("a session that comes up within the limit of a first probe changes nothing that serves", async (t) => {
  const { sessions, advance, log, start } = bench();
  await start(true);
  await advance(1000);
  sessions.told(1, [{ ...down, detail: "Down" }]);
  await advance(1500);
  sessions.told(1, [up]);
  await advance(0);
  t.deepEqual(log, []);
});

test("a teller that begins again has to find its sessions anew, and they are not down for that", async (t) => {
  const { sessions, advance, log, start } = bench();
  sessions.told(1, [up]);
  await start(false);
  await advance(1000);
  sessions.told(2, [{ ...down, detail: "Down" }]);
  await advance(1000);
  sessions.told(2, [{ ...down, detail: "Init" }]);
  await advance(1000);
  sessions.told(2, [up]);
  await advance(1000);
  t.deepEqual(log, ["0 UP success: Up"]);
  sessions.told(2, [down]);
  await advance(0);
  t.deepEqual(log.slice(1), [`4000 DOWN says_down: ${down.detail}`]);
});

test("sessions of which nothing is heard for 3 s are not known, and DOWN when that lasts", async (t) => {
  const { sessions, advance, log, start } = bench();
  sessions.told(1, [up]);
  await start(false);
  await advance(2999);
  t.deepEqual(sessions.of("s"), { up: true, detail: "Up" });
  await advance(1);
  t.deepEqual(sessions.of("s"), { up: null, detail: "nothing is known of the session" });
  await advance(5000);
  t.deepEqual(log, [
    "0 UP success: Up",
    "8000 DOWN says_down: nothing is known of the session, and not Up in 5000 ms",
  ]);
});

test("a session that is not told of any more is not known", (t) => {
  const { sessions } = bench();
  sessions.told(1, [up]);
  sessions.told(1, []);
  t.is(sessions.of("s").up, null);
});

test("news of other sessions wake nobody", async (t) => {
  const { sessions, advance, log, start } = bench();
  let looks = 0;
  sessions.told(1, [up]);
  await start(true);
  sessions.watch(() => (looks += 1));
  sessions.told(1, [up, { ...up, name: "other" }]);
  await advance(0);
  t.is(looks, 1);
  t.deepEqual(log, []);
});
