// A switchover: a hand-over on trial. Whoever is there takes over, and this node waits; where nobody is, it goes on as MASTER
// and its addresses were never off.

import test from "ava";
import { LINGER_MS, switchOverMs } from "../../src/vrrp/hand-over.ts";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import type { Input, State } from "../../src/vrrp/states.ts";
import { advert, backup, config, MASTER_DOWN_MS, master, told } from "./router.ts";

const UNTIL_MS = 1600;

function order(isForced = false): Input {
  return { type: "switch-over", nowMs: 500, untilMs: UNTIL_MS, isForced };
}

function switching(): State {
  return step(config, master(), order()).state;
}

function switched(): State {
  const heard = step(config, switching(), advert(900, { priority: 1 })).state;
  return step(config, heard, { type: "timer", nowMs: 900 + LINGER_MS }).state;
}

test("it begins as a stop does: priority 0, and the addresses stay on", (t) => {
  const { actions } = step(config, master(), order());

  t.deepEqual(told(actions), ["send-advert 0", "hush"]);
});

test("with a successor it goes on as BACKUP when that one had the time to announce itself", (t) => {
  const heard = step(config, switching(), advert(900, { priority: 1 }));
  t.deepEqual(heard.actions, []);
  const { state, actions } = step(config, heard.state, { type: "timer", nowMs: 900 + LINGER_MS });

  t.deepEqual(told(actions), ["release", "send-advert 0", "transition MASTER BACKUP switchover"]);
  t.is(state.name, "BACKUP");
});

test("without a successor it is MASTER as before, and says so: nothing was taken off", (t) => {
  const before = switching();
  const { state, actions } = step(config, before, { type: "timer", nowMs: deadlineMs(before) });

  t.is(state.name, "MASTER");
  t.false("switching" in state);
  t.false("handsOverUntilMs" in state);
  t.is(
    told(actions).filter((each) => /^(?:release|transition|send-advert 0)/.test(each)).length,
    0,
  );
  t.true(told(actions).some((each) => each.startsWith("send-advert")));
  t.true(told(actions).some((each) => each.startsWith("announce")));
  t.is(told(actions).at(-1), "kept");
});

test("afterwards it does not preempt a lower master, however long that one lives", (t) => {
  let state = switched();
  for (let nowMs = 1000; nowMs < 60_000; nowMs += 1000) {
    const heard = step(config, state, advert(nowMs, { priority: 1 }));
    t.deepEqual(heard.actions, []);
    t.true(deadlineMs(heard.state) > nowMs + 1000);
    state = heard.state;
  }
});

test("afterwards it takes over when that one is silent", (t) => {
  const state = step(config, switched(), advert(1000, { priority: 1 })).state;
  const after = step(config, state, { type: "timer", nowMs: deadlineMs(state) });

  t.is(after.state.name, "MASTER");
});

test("who is no master has nothing to switch", (t) => {
  const after = step(config, backup(), order());

  t.deepEqual(after, { state: backup(), actions: [] });
});

test("a forced one ends as BACKUP without a successor too, which takes over when nobody does", (t) => {
  const forced = step(config, master(), order(true)).state;
  const left = step(config, forced, { type: "timer", nowMs: UNTIL_MS });
  t.deepEqual(told(left.actions), [
    "release",
    "send-advert 0",
    "transition MASTER BACKUP switchover",
  ]);
  const after = step(config, left.state, { type: "timer", nowMs: deadlineMs(left.state) });

  t.is(after.state.name, "MASTER");
});

test("a stop in the midst of it is a stop", (t) => {
  const stopping = step(config, switching(), { type: "hand-over", nowMs: 600 });
  t.deepEqual(stopping.actions, []);
  const { actions } = step(config, stopping.state, { type: "timer", nowMs: UNTIL_MS });

  t.deepEqual(told(actions), ["release", "send-advert 0", "transition MASTER INIT shutdown"]);
});

test("a fault in the midst of it is a fault", (t) => {
  const faults = ["interface_down"] as const;
  const { state, actions } = step(config, switching(), { type: "faults", nowMs: 600, faults });

  t.is(state.name, "FAULT");
  t.deepEqual(told(actions), ["release", "send-advert 0", "transition MASTER FAULT fault"]);
});

test("a member whose group goes with another one goes too, and yields as that one does", (t) => {
  const heard = step(config, switching(), advert(900, { priority: 1 })).state;
  const { state } = step(config, heard, { type: "step-down", nowMs: 910 });

  t.like(state, { name: "BACKUP", yields: true });
});

test("several wait for the slowest backup of any of them, and nobody waits for minutes", (t) => {
  const slow = { ...config, advertIntervalMs: 10_000 };
  const own = switchOverMs([config]);

  t.true(own > (255 / 256) * 1000);
  t.is(switchOverMs([config, slow]), switchOverMs([slow]));
  t.true(switchOverMs([slow]) > (255 / 256) * 10_000);
  t.true(switchOverMs([{ ...config, advertIntervalMs: 40_950 }]) < 30_000);
});

const inMaintenance = { ...config, preempt: false, standsBy: true } as const;

test("in maintenance it stays BACKUP, however long nobody is heard", (t) => {
  let state: State = backup();
  for (let i = 0; i < 10; i += 1) {
    const nowMs = deadlineMs(state);
    const after = step(inMaintenance, state, { type: "timer", nowMs });
    t.deepEqual(after.actions, []);
    t.true(deadlineMs(after.state) >= nowMs + MASTER_DOWN_MS);
    state = after.state;
  }
  t.is(state.name, "BACKUP");
  const after = step(config, state, { type: "timer", nowMs: deadlineMs(state) });
  t.is(after.state.name, "MASTER");
});

test("in maintenance priority 0, a lost BFD session and its group's word make no master of it", (t) => {
  const heard = step(inMaintenance, backup(), advert(100)).state;
  const left = step(inMaintenance, heard, advert(200, { priority: 0 })).state;
  const inputs: readonly Input[] = [
    { type: "timer", nowMs: deadlineMs(left) },
    { type: "promote", nowMs: 300, address: "198.51.100.20" },
  ];
  for (const input of inputs) t.is(step(inMaintenance, left, input).state.name, "BACKUP");

  const member = { ...inMaintenance, syncGroup: "G" };
  const claiming = { ...left, claim: "master_down_timer" } as State;
  const told = step(member, claiming, { type: "take-over", nowMs: 300 });
  t.like(told.state, { name: "BACKUP", claim: null });
});

test("in maintenance the owner of the addresses starts as BACKUP", (t) => {
  const owner = { ...inMaintenance, priority: 255 };
  const { state } = step(owner, { name: "INIT" }, { type: "startup", nowMs: 0, faults: [] });

  t.is(state.name, "BACKUP");
});
