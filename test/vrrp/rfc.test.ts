// One test for each thing that RFC 5798 §6.4 says a router MUST do, by the numbers of its steps. Each has three
// parts: init, act, check. What duet does otherwise, on purpose, is in deviations.test.ts.

import test from "ava";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import { INITIAL } from "../../src/vrrp/states.ts";
import { advert, backup, config, MASTER_DOWN_MS, master, SKEW_MS, told } from "./router.ts";

const owner = { ...config, priority: 255 };
const startup = { type: "startup", nowMs: 0, faults: [] } as const;

test("RFC 5798 §6.4.1 (105-145) Startup of the address owner: advertises, announces, is master", (t) => {
  const state = INITIAL;

  const after = step(owner, state, startup);

  t.deepEqual(told(after.actions), [
    "send-advert 255",
    "hold",
    "announce new-master",
    "transition INIT MASTER startup_as_owner",
  ]);
  t.deepEqual(after.state, { name: "MASTER", advertAtMs: 1000 });
});

test("RFC 5798 §6.4.1 (150-165) Startup of any other: backup for Master_Down_Interval", (t) => {
  const state = INITIAL;

  const after = step(config, state, startup);

  t.deepEqual(told(after.actions), ["transition INIT BACKUP startup"]);
  t.is(after.state.name, "BACKUP");
  t.is(deadlineMs(after.state), MASTER_DOWN_MS);
});

test("RFC 5798 §6.4.1 (155) Master_Adver_Interval starts as our own Advertisement_Interval", (t) => {
  const slow = { ...config, advertIntervalMs: 5000 };

  const { state } = step(slow, INITIAL, startup);

  t.is(state.name === "BACKUP" && state.masterIntervalMs, 5000);
});

test("RFC 5798 §6.4.1 Initialize: nothing but Startup leaves it", (t) => {
  const inputs = [
    advert(0),
    advert(0, { priority: 0 }),
    { type: "timer", nowMs: 1e9 },
    { type: "shutdown", nowMs: 0 },
    { type: "faults", nowMs: 0, faults: [] },
  ] as const;

  const results = inputs.map((input) => step(config, INITIAL, input));

  for (const result of results) t.deepEqual(result, { state: INITIAL, actions: [] });
});

test("RFC 5798 §6.4.2 (305-340) a backup neither holds addresses nor sends while it listens", (t) => {
  const state = backup();

  const results = [advert(10), advert(20, { priority: 0 }), advert(30, { priority: 1 })].map(
    (input) => step(config, state, input),
  );

  for (const { actions } of results) t.deepEqual(actions, []);
});

test("RFC 5798 §6.4.2 (345-355) Shutdown: back to Initialize, without a word", (t) => {
  const state = backup();

  const after = step(config, state, { type: "shutdown", nowMs: 10 });

  t.deepEqual(after.state, INITIAL);
  t.deepEqual(told(after.actions), ["transition BACKUP INIT shutdown"]);
});

test("RFC 5798 §6.4.2 (365-410) Master_Down_Timer fires: advertises, announces, is master", (t) => {
  const state = backup();

  const after = step(config, state, { type: "timer", nowMs: MASTER_DOWN_MS });

  t.deepEqual(told(after.actions), [
    "send-advert 100",
    "hold",
    "announce new-master",
    "transition BACKUP MASTER master_down_timer",
  ]);
  t.is(deadlineMs(after.state), MASTER_DOWN_MS + 1000);
});

test("RFC 5798 §6.4.2 (365) Master_Down_Timer that has not fired: still backup", (t) => {
  const state = backup();

  const after = step(config, state, { type: "timer", nowMs: MASTER_DOWN_MS - 0.001 });

  t.deepEqual(after, { state, actions: [] });
});

test("RFC 5798 §6.4.2 (425-430) priority 0 heard: Master_Down_Timer is Skew_Time", (t) => {
  const { state } = step(config, backup(), advert(1000));

  const after = step(config, state, advert(2000, { priority: 0 }));

  t.is(deadlineMs(after.state), 2000 + SKEW_MS);
});

test("RFC 5798 §6.4.2 (430) Skew_Time follows the interval learned from the master", (t) => {
  const { state } = step(config, backup(), advert(1000, { advertIntervalMs: 100 }));

  const after = step(config, state, advert(1100, { priority: 0, advertIntervalMs: 100 }));

  t.is(deadlineMs(after.state), 1100 + SKEW_MS / 10);
});

test("RFC 5798 §6.4.2 (445-460) a higher priority heard: its interval is learned, the timer starts again", (t) => {
  const state = backup();

  const after = step(config, state, advert(500, { advertIntervalMs: 200 }));

  t.is(after.state.name === "BACKUP" && after.state.masterIntervalMs, 200);
  t.is(deadlineMs(after.state), 500 + MASTER_DOWN_MS / 5);
});

test("RFC 5798 §6.4.2 (445) an equal priority heard is a master too, whoever has the greater address", (t) => {
  const state = backup();

  const after = step(config, state, advert(500, { priority: 100, sourceIsGreater: false }));

  t.is(deadlineMs(after.state), 500 + MASTER_DOWN_MS);
});

test("RFC 5798 §6.4.2 (465-470) with preemption a lower priority is discarded", (t) => {
  const state = backup();

  const after = step(config, state, advert(500, { priority: 99 }));

  t.like(after, { state: { name: "BACKUP", master: null, masterIntervalMs: 1000 }, actions: [] });
  t.is(deadlineMs(after.state), deadlineMs(state));
});

test("RFC 5798 §6.4.2 (445) without preemption a lower priority is a master too", (t) => {
  const calm = { ...config, preempt: false };

  const after = step(calm, backup(calm), advert(500, { priority: 1 }));

  t.is(deadlineMs(after.state), 500 + MASTER_DOWN_MS);
});

test("RFC 5798 §6.4.3 (655-670) Shutdown: priority 0 is sent, back to Initialize", (t) => {
  const state = master();

  const after = step(config, state, { type: "shutdown", nowMs: 10 });

  t.deepEqual(after.state, INITIAL);
  t.deepEqual(told(after.actions), ["release", "send-advert 0", "transition MASTER INIT shutdown"]);
});

test("RFC 5798 §6.4.3 (680-690) Adver_Timer fires: an advert, the timer starts again", (t) => {
  const state = master();

  const after = step(config, state, { type: "timer", nowMs: 1000 });

  t.deepEqual(told(after.actions), ["send-advert 100"]);
  t.is(deadlineMs(after.state), 2000);
});

test("RFC 5798 §6.4.3 (690) Adver_Timer that fired late does not make the next advert late", (t) => {
  const state = master();

  const after = step(config, state, { type: "timer", nowMs: 1400 });

  t.is(deadlineMs(after.state), 2000);
});

test("RFC 5798 §6.4.3 (690) Adver_Timer that missed a whole interval does not make up for it", (t) => {
  const state = master();

  const after = step(config, state, { type: "timer", nowMs: 2500 });

  t.deepEqual(told(after.actions), ["send-advert 100"]);
  t.is(deadlineMs(after.state), 3500);
});

test("RFC 5798 §6.4.3 (705-715) priority 0 heard: an advert at once, the timer starts again", (t) => {
  const state = master();

  const after = step(config, state, advert(300, { priority: 0 }));

  t.is(told(after.actions)[0], "send-advert 100");
  t.is(deadlineMs(after.state), 1300);
});

test("RFC 5798 §6.4.3 (725-765) a higher priority heard: backup, by the interval of the advert", (t) => {
  const state = master();

  const after = step(config, state, advert(300, { priority: 101, advertIntervalMs: 200 }));

  t.is(after.state.name, "BACKUP");
  t.is(after.state.name === "BACKUP" && after.state.masterIntervalMs, 200);
  t.is(deadlineMs(after.state), 300 + MASTER_DOWN_MS / 5);
  t.is(told(after.actions).at(-1), "transition MASTER BACKUP higher_priority_advert");
});

test("RFC 5798 §6.4.3 (735) an equal priority from a greater address heard: backup", (t) => {
  const state = master();

  const after = step(config, state, advert(300, { priority: 100 }));

  t.is(after.state.name, "BACKUP");
  t.is(told(after.actions).at(-1), "transition MASTER BACKUP equal_priority_higher_address");
});

test("RFC 5798 §6.4.3 (775) an equal priority from a lesser address heard: still master", (t) => {
  const state = master();

  const after = step(config, state, advert(300, { priority: 100, sourceIsGreater: false }));

  t.is(after.state.name, "MASTER");
});

test("RFC 5798 §6.4.3 (775) a lower priority heard: still master", (t) => {
  const state = master();

  const after = step(config, state, advert(300, { priority: 99 }));

  t.is(after.state.name, "MASTER");
});
