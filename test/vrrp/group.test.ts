import test from "ava";
import {
  groupFaults,
  groupState,
  type Member,
  ordersFor,
  rankOf,
  sickText,
  standingOf,
} from "../../src/vrrp/group.ts";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import type { InstanceConfig, StateName } from "../../src/vrrp/model.ts";
import { type State } from "../../src/vrrp/states.ts";
import { advert, config, MASTER_DOWN_MS, SKEW_MS } from "./router.ts";

const inGroup: InstanceConfig = { ...config, syncGroup: "G1" };

test("a member whose master-down timer fires claims, and does not take over alone", (t) => {
  const backup = step(inGroup, { name: "INIT" }, { type: "startup", nowMs: 0, faults: [] }).state;
  const { state, actions } = step(inGroup, backup, { type: "timer", nowMs: deadlineMs(backup) });
  t.deepEqual([state.name, deadlineMs(state), actions], ["BACKUP", Infinity, [{ type: "claim" }]]);
  const master = step(inGroup, state, { type: "take-over", nowMs: 5000 });
  t.is(master.state.name, "MASTER");
});

test("a member that claims waits for a better master again when it hears one", (t) => {
  const { state } = step(inGroup, claiming(), {
    type: "advert",
    nowMs: 5000,
    priority: 200,
    advertIntervalMs: 1000,
    source: "192.0.2.9",
    sourceIsGreater: true,
  });
  t.true(deadlineMs(state) < Infinity);
  t.is(step(inGroup, state, { type: "take-over", nowMs: 5001 }).state, state);
});

test("a master that has to step down gives its addresses up and says priority 0", (t) => {
  const master: State = { name: "MASTER", advertAtMs: 1000 };
  const { state, actions } = step(inGroup, master, { type: "step-down", nowMs: 500 });
  t.is(state.name, "BACKUP");
  t.deepEqual(
    actions.map((action) => (action.type === "send-advert" ? action.priority : action.type)),
    ["release", 0, "transition"],
  );
});

test("who stepped aside does not wait for a master that it outranks, its farewell for one", (t) => {
  const { state: aside } = step(
    inGroup,
    { name: "MASTER", advertAtMs: 1000 },
    { type: "step-aside", nowMs: 500 },
  );
  const lesser = advert(501, { priority: 100, sourceIsGreater: false });
  t.deepEqual(step(inGroup, aside, lesser), { state: aside, actions: [] });
  for (const better of [{}, { priority: 100 }]) {
    const heard = step(inGroup, aside, advert(501, better));
    t.is(deadlineMs(heard.state), 501 + MASTER_DOWN_MS);
    t.is(
      deadlineMs(step(inGroup, heard.state, { ...lesser, nowMs: 600 }).state),
      600 + MASTER_DOWN_MS,
    );
  }
});

test("ordersFor() lets all members take over when all claim or are MASTER, and none before", (t) => {
  t.deepEqual(ordersFor([member("a", "BACKUP", true), member("b", "BACKUP", false)]), []);
  t.deepEqual(ordersFor([member("a", "BACKUP", true), member("b", "BACKUP", true)]), [
    { name: "a", order: "take-over" },
    { name: "b", order: "take-over" },
  ]);
  t.deepEqual(ordersFor([member("a", "MASTER", false), member("b", "BACKUP", true)]), [
    { name: "b", order: "take-over" },
  ]);
});

test("ordersFor() takes the masters down with a member that lost its state", (t) => {
  t.deepEqual(ordersFor([member("a", "BACKUP", false), member("b", "MASTER", false)]), [
    { name: "b", order: "step-down" },
  ]);
});

test("ordersFor() has the leading member step aside, whatever the order in the file", (t) => {
  const members = [
    member("c", "MASTER", false),
    member("a", "MASTER", false),
    member("b", "BACKUP", false),
  ];
  t.deepEqual(ordersFor(members), [
    { name: "c", order: "step-down" },
    { name: "a", order: "step-aside" },
  ]);
});

test("a member in its first election does not take the masters down, nor does it wait for others that are", (t) => {
  const masters = [member("a", "MASTER", false), member("b", "MASTER", false)];
  for (const state of ["INIT", "BACKUP"] as const) {
    const young = member("c", state, false, true);
    t.deepEqual(ordersFor([...masters, young]), []);
    t.is(groupState([...masters, young]), "MASTER");
    const ready = member("d", "BACKUP", true, true);
    t.deepEqual(ordersFor([...masters, young, ready]), [{ name: "d", order: "take-over" }]);
    t.is(groupState([...masters, young, ready]), "MASTER", "nothing is told on the way");
  }
  const [a, b] = masters.map(({ name }) => name);
  t.deepEqual(ordersFor([...masters, member("c", "BACKUP", false)]), [
    { name: a, order: "step-aside" },
    { name: b, order: "step-down" },
  ]);
});

test("a group that starts waits for its youngest member", (t) => {
  const members = [member("a", "BACKUP", true, true), member("b", "BACKUP", false, true)];
  t.deepEqual(ordersFor(members), []);
  t.is(groupState([member("a", "BACKUP", true, true), member("b", "INIT", false, true)]), "INIT");
});

test("a member is young until it hears a master that it respects, whatever else it hears", (t) => {
  const young = step(inGroup, { name: "INIT" }, { type: "startup", nowMs: 0, faults: [] }).state;
  t.like(standingOf(young), { state: "BACKUP", claims: false, young: true });
  const lower = advert(10, { priority: inGroup.priority - 1 });
  t.true(standingOf(step(inGroup, young, lower).state).young);
  t.true(standingOf(step(inGroup, young, advert(10, { priority: 0 })).state).young);
  t.true(standingOf(claiming()).claims);
  const patient = { ...inGroup, preempt: false };
  t.false(standingOf(step(patient, young, lower).state).young);
  t.false(standingOf(step(inGroup, young, advert(10, {})).state).young);
  t.true(standingOf({ name: "INIT" }).young);
});

test("who comes back from a FAULT, or steps down, is not young: its group has lost something", (t) => {
  const faults = ["interface_down"] as const;
  const sick = step(inGroup, { name: "INIT" }, { type: "startup", nowMs: 0, faults }).state;
  t.false(standingOf(step(inGroup, sick, { type: "faults", nowMs: 10, faults: [] }).state).young);
  const master: State = { name: "MASTER", advertAtMs: 1000 };
  t.false(standingOf(step(inGroup, master, { type: "step-down", nowMs: 500 }).state).young);
});

test("rankOf() puts IPv4 before IPv6, then goes by vrid", (t) => {
  const ranks = [rankOf(4, 1), rankOf(4, 255), rankOf(6, 1), rankOf(6, 2)];
  t.deepEqual(
    ranks,
    ranks.toSorted((a, b) => a - b),
  );
});

test("a master that steps aside claims again after Skew_Time, one that steps down after Master_Down_Interval", (t) => {
  const master: State = { name: "MASTER", advertAtMs: 1000 };
  const down = step(inGroup, master, { type: "step-down", nowMs: 500 });
  const aside = step(inGroup, master, { type: "step-aside", nowMs: 500 });
  t.deepEqual(aside.actions, down.actions);
  t.is(deadlineMs(down.state), 500 + MASTER_DOWN_MS);
  t.is(deadlineMs(aside.state), 500 + SKEW_MS);
});

test("groupFaults() makes a member's own fault a fault of the others, not of itself", (t) => {
  const sick: Member = { ...member("a", "FAULT", false), faults: ["interface_down"] };
  const members = [sick, member("b", "BACKUP", false)];
  t.deepEqual(groupFaults("G1", members, "b"), ["sync_group:G1"]);
  t.deepEqual(groupFaults("G1", members, "a"), []);
  t.is(sickText(members, "b"), "member a: interface_down");
  t.is(sickText(members, null), "member a: interface_down");
  t.is(sickText(members, "a"), null);
});

test("groupState() is MASTER only when every member is", (t) => {
  const state = (...names: readonly StateName[]): StateName =>
    groupState(names.map((name, i) => member(String(i), name, false)));
  t.is(state("MASTER", "MASTER"), "MASTER");
  t.is(state("MASTER", "BACKUP"), "BACKUP");
  t.is(state("MASTER", "FAULT"), "FAULT");
});

function claiming(): State {
  const backup = step(inGroup, { name: "INIT" }, { type: "startup", nowMs: 0, faults: [] }).state;
  return step(inGroup, backup, { type: "timer", nowMs: deadlineMs(backup) }).state;
}

function member(name: string, state: StateName, claims: boolean, young = false): Member {
  return { name, state, claims, young, faults: [], rank: name.charCodeAt(0) };
}

test("who hears a master in the first election tells the group, once; alone there is nobody to tell", (t) => {
  const heard = { priority: 200, advertIntervalMs: 1000, source: "192.0.2.9" };
  const advert = { type: "advert", nowMs: 10, ...heard, sourceIsGreater: true } as const;
  for (const [config, told] of [
    [inGroup, [{ type: "concede" }]],
    [{ ...inGroup, syncGroup: null }, []],
  ] as const) {
    const fresh = step(config, { name: "INIT" }, { type: "startup", nowMs: 0, faults: [] }).state;
    const first = step(config, fresh, advert);
    t.deepEqual(first.actions, told);
    t.deepEqual(step(config, first.state, { ...advert, nowMs: 20 }).actions, []);
  }
});

test("an owner in a group waits for the others, and for nobody else", (t) => {
  const owner = { ...inGroup, priority: 255 };
  const { state, actions } = step(
    owner,
    { name: "INIT" },
    { type: "startup", nowMs: 0, faults: [] },
  );
  t.deepEqual(actions, [
    { type: "transition", from: "INIT", to: "BACKUP", cause: "startup", peer: null },
    { type: "claim" },
  ]);
  const lower = { priority: 100, advertIntervalMs: 1000, source: "192.0.2.9" };
  const heard = step(owner, state, { type: "advert", nowMs: 10, ...lower, sourceIsGreater: true });
  const after = step(owner, heard.state, { type: "take-over", nowMs: 20 });
  t.is(after.state.name, "MASTER");
  t.like(after.actions.at(-1), { cause: "startup_as_owner" });
});
