// Two owners of the same addresses. RFC 5798 §7.1 lets both be MASTER for ever; one of them has to go.

import test from "ava";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import type { InstanceConfig } from "../../src/vrrp/model.ts";
import { INITIAL, type State } from "../../src/vrrp/states.ts";
import { advert, config, master, told } from "./router.ts";

const owner: InstanceConfig = { ...config, priority: 255 };

const another = (nowMs: number, sourceIsGreater: boolean): ReturnType<typeof advert> =>
  advert(nowMs, { priority: 255, sourceIsGreater });

test("the owner with the lower address goes at once, and says so as no owner any more", (t) => {
  const { state, actions } = step(owner, master(owner), another(500, true));
  t.is(state.name, "BACKUP");
  t.deepEqual(told(actions), [
    "release",
    "send-advert 254",
    "transition MASTER BACKUP equal_priority_higher_address",
  ]);
});

test("it is back when the other one is gone, or is no owner any more", (t) => {
  const { state } = step(owner, master(owner), another(500, true));
  const heard = step(owner, state, another(1500, true)).state;
  const gone = step(owner, heard, { type: "timer", nowMs: 1500 + 3000 + 1000 / 256 });
  t.is(gone.state.name, "MASTER");
  const left = step(owner, heard, advert(2000, { priority: 0 })).state;
  t.is(step(owner, left, { type: "timer", nowMs: 2000 + 1000 / 256 }).state.name, "MASTER");
  const lower = step(owner, heard, advert(2000, { priority: 254 })).state;
  t.is(deadlineMs(lower), deadlineMs(heard), "the running timer ends its time");
});

test("the owner with the higher address waits two adverts and 1.2 intervals for the other to go", (t) => {
  let state: State = master(owner);
  for (const atMs of [100, 1100, 2100, 3100]) {
    const heard = step(owner, state, another(atMs, false));
    t.is(heard.state.name, "MASTER", `${atMs}`);
    t.deepEqual(told(heard.actions), ["send-advert 255", "announce lower-priority"]);
    state = heard.state;
  }
  const last = step(owner, state, another(3300, false));
  t.is(last.state.name, "BACKUP");
  t.deepEqual(told(last.actions), [
    "release",
    "send-advert 254",
    "transition MASTER BACKUP second_owner",
  ]);
});

test("an owner that is heard again after it had gone is a new one", (t) => {
  let state: State = master(owner);
  for (const atMs of [0, 1000, 2000, 9000, 10_000, 11_000]) {
    state = step(owner, state, another(atMs, false)).state;
  }
  t.is(state.name, "MASTER");
});

test("of two owners one is left, whichever of them hears nobody", (t) => {
  for (const deaf of ["none", "lower", "higher"] as const) {
    const names = play(deaf);
    t.deepEqual(names.toSorted(), ["BACKUP", "MASTER"], deaf);
  }
});

test("two different intervals: the longer one counts", (t) => {
  const slow = { ...owner, advertIntervalMs: 100 };
  let state: State = master(slow);
  for (const atMs of [0, 1000, 2000, 3000]) {
    state = step(slow, state, another(atMs, false)).state;
    t.is(state.name, "MASTER");
  }
  t.is(step(slow, state, another(4000, false)).state.name, "BACKUP");
});

/** Five seconds of two owners on one wire. */
function play(deaf: "none" | "lower" | "higher"): readonly string[] {
  const states = new Map<"lower" | "higher", State>();
  for (const who of ["lower", "higher"] as const) {
    states.set(who, step(owner, INITIAL, { type: "startup", nowMs: 0, faults: [] }).state);
  }
  for (let nowMs = 0; nowMs <= 5000; nowMs += 100) {
    for (const [who, other] of [
      ["lower", "higher"],
      ["higher", "lower"],
    ] as const) {
      const state = states.get(who) ?? INITIAL;
      const { state: next, actions } = step(owner, state, { type: "timer", nowMs });
      states.set(who, next);
      if (deaf === other || !actions.some(({ type }) => type === "send-advert")) continue;
      const heard = another(nowMs, other === "lower");
      states.set(other, step(owner, states.get(other) ?? INITIAL, heard).state);
    }
  }
  return [...states.values()].map(({ name }) => name);
}
