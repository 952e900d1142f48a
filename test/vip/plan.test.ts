import test from "ava";
import type { Vip } from "../../src/vip/model.ts";
import { planLeftovers } from "../../src/vip/plan.ts";

const vip: Vip = {
  address: "203.0.113.1",
  prefixLength: 24,
  interface: "eth0",
  scope: "global",
  label: null,
  broadcast: null,
};
const present = { interface: "eth0", address: "203.0.113.1", prefixLength: 24, ours: false };

test("planLeftovers(): a configured address that is there already was left over by an earlier run", (t) => {
  t.deepEqual(planLeftovers([present], [vip], new Set()), [present]);
});

test("planLeftovers(): also with another prefix length, as an older configuration put it there", (t) => {
  const wider = { ...present, prefixLength: 16 };
  t.deepEqual(planLeftovers([wider], [vip], new Set()), [wider]);
});

test("planLeftovers(): what duet marked goes, configured or not", (t) => {
  const marked = { ...present, address: "203.0.113.99", ours: true };
  t.deepEqual(planLeftovers([marked], [vip], new Set()), [marked]);
});

test("planLeftovers(): what somebody else put on stays, also the same address elsewhere", (t) => {
  const foreign = [
    { ...present, address: "203.0.113.99" },
    { ...present, interface: "eth1" },
  ];
  t.deepEqual(planLeftovers(foreign, [vip], new Set()), []);
});

test("planLeftovers(): the addresses of an owner belong to the node and stay", (t) => {
  const owned = new Set([vip.address]);
  t.deepEqual(planLeftovers([present, { ...present, ours: true }], [vip], owned), []);
});
