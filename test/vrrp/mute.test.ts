// A master whose adverts do not leave its machine: one owner when another one is heard, and one still when nobody is.

import test from "ava";
import { drive } from "../../src/lib/drive.ts";
import * as machine from "../../src/vrrp/machine.ts";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import type { InstanceConfig } from "../../src/vrrp/model.ts";
import { type Action, INITIAL, type Input, type State } from "../../src/vrrp/states.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { advert, backup, config, MASTER_DOWN_MS, master, told } from "./router.ts";

const lower = (nowMs: number) => advert(nowMs, { priority: 50, sourceIsGreater: false });
const letGo = ["release", "transition MASTER BACKUP adverts_not_sent"];

/** MASTER since 0, whose last advert that left was that one. */
const muted = step(config, master(), { type: "unsent", nowMs: 1000, leftMs: 0 }).state;

test("a master that nobody can have heard for a master-down interval gives way to a lower one when its answer does not leave either", (t) => {
  const keeps = step(config, { ...muted, advertAtMs: 3500 } as State, lower(3000));
  t.is(keeps.state.name, "MASTER", "it may have been heard until now");
  const asked = step(config, { ...muted, advertAtMs: 3500 } as State, lower(3100));
  t.deepEqual(told(asked.actions), ["send-advert 100"], "unless it may be heard now");
  const left = step(config, asked.state, { type: "sent", nowMs: 3100 });
  t.deepEqual(told(left.actions), ["announce lower-priority"]);
  t.deepEqual(left.state, { name: "MASTER", advertAtMs: 4100 });
  const unsent: Input = { type: "unsent", nowMs: 3100, leftMs: 0 };
  const { state, actions } = step(config, asked.state, unsent);
  t.deepEqual(told(actions), letGo);
  t.like(state, { name: "BACKUP", mute: true, master: { address: "198.51.100.20", priority: 50 } });
});

test("a master that hears nobody stays, however long its adverts do not leave", (t) => {
  let state: State = muted;
  for (let nowMs = 2000; nowMs < 60_000; nowMs += 1000) {
    for (const input of [
      { type: "timer", nowMs },
      { type: "unsent", nowMs, leftMs: 0 },
    ] as const)
      state = step(config, state, input).state;
  }
  t.is(state.name, "MASTER");
});

test("an advert that left again makes it a master as any other", (t) => {
  const { state } = step(config, muted, { type: "sent", nowMs: 2000 });
  t.deepEqual(state, master());
  t.is(step(config, { ...state, advertAtMs: 9500 } as State, lower(9000)).state.name, "MASTER");
});

test("two owners of the addresses (255) are no exception: the mute one goes", (t) => {
  const owner: InstanceConfig = { ...config, priority: 255 };
  const unheard = step(owner, master(owner), { type: "unsent", nowMs: 1000, leftMs: 0 }).state;
  const asked = step(owner, unheard, lower(4000)).state;
  t.deepEqual(told(step(owner, asked, { type: "unsent", nowMs: 4000, leftMs: 0 }).actions), letGo);
});

test("a first advert against a living lower master that does not leave is taken back in the same moment", (t) => {
  const heard = step(config, backup(), lower(3000)).state;
  const { state, actions } = step(config, heard, { type: "timer", nowMs: deadlineMs(heard) });
  t.true(told(actions).includes("hold"));
  const nowMs = deadlineMs(heard);
  t.deepEqual(
    told(step(config, state, { type: "unsent", nowMs, leftMs: -Infinity }).actions),
    letGo,
  );
  const second = step(config, state, { type: "timer", nowMs: nowMs + 1000 }).state;
  const later: Input = { type: "unsent", nowMs: nowMs + 1000, leftMs: nowMs };
  t.is(step(config, second, later).state.name, "MASTER", "its first one was heard");
});

/** A router on a clock whose adverts leave or not, beside a lower master that goes when it hears one. */
function beside(of: InstanceConfig) {
  const { clock, advance } = virtualClock();
  const log: string[] = [];
  const here = { leaves: false, others: true, sent: 0 };
  const election = drive<InstanceConfig, State, Input, Action>({
    engine: machine,
    config: of,
    state: INITIAL,
    clock,
    timerInput: (nowMs) => ({ type: "timer", nowMs }),
    perform(action) {
      const nowMs = clock.nowMs();
      if (action.type === "transition") log.push(`${nowMs} ${action.to} ${action.cause}`);
      if (action.type !== "send-advert") return undefined;
      here.sent += 1;
      if (!here.leaves) return { type: "unsent", nowMs, leftMs: -Infinity };
      here.others = false;
      return { type: "sent", nowMs };
    },
  });
  election.give({ type: "startup", nowMs: 0, faults: [] });
  const seconds = (count: number): void => {
    for (let second = 0; second < count; second += 1) {
      advance(1000);
      if (here.others) election.give(lower(clock.nowMs()));
    }
  };
  return { here, seconds, election, log, causes: () => log.map((line) => line.split(" ")[2]) };
}

test("it does not come back until an advert leaves, and tries one in each master-down interval", (t) => {
  const { here, seconds, election, causes } = beside(config);
  seconds(100);
  t.deepEqual(causes(), ["startup", "lower_master_preempted", "adverts_not_sent"]);
  t.is(here.sent, 1 + Math.floor((100_000 - MASTER_DOWN_MS) / MASTER_DOWN_MS));
  here.leaves = true;
  seconds(4);
  t.is(election.state().name, "MASTER");
  t.deepEqual(causes().slice(3), ["lower_master_preempted"]);
  t.false(here.others, "and the other one has heard of it first");
});

test("it takes over from a lower master that falls silent, or that says that it goes", (t) => {
  for (const left of [false, true]) {
    const { here, seconds, election } = beside(config);
    seconds(30);
    t.is(election.state().name, "BACKUP");
    here.others = false;
    if (left) election.give(advert(30_000, { priority: 0 }));
    seconds(left ? 1 : 8);
    t.is(election.state().name, "MASTER", `left: ${left}`);
  }
});

test("with nopreempt it never tries", (t) => {
  const { here, seconds, election } = beside({ ...config, preempt: false });
  election.give({ type: "unsent", nowMs: 0, leftMs: 0 });
  seconds(100);
  t.is(election.state().name, "BACKUP");
  t.is(here.sent, 0);
});

test("in a sync group it claims only when an advert has left", (t) => {
  const grouped = { ...config, syncGroup: "G" };
  const heard = step(grouped, { ...backup(grouped), mute: true } as State, lower(3000)).state;
  const nowMs = deadlineMs(heard);
  const knocked = step(grouped, heard, { type: "timer", nowMs });
  t.deepEqual(told(knocked.actions), ["send-advert 100"]);
  t.deepEqual(told(step(grouped, knocked.state, { type: "sent", nowMs }).actions), ["claim"]);
});
