import test from "ava";
import { planLeftovers } from "../../src/vip/holding/leftovers.ts";
import type { Vip } from "../../src/vip/model.ts";

const vip: Vip = {
  address: "203.0.113.1",
  prefixLength: 32,
  interface: "eth0",
  scope: "global",
  label: null,
  broadcast: null,
};
const here = { interface: "eth0", address: "203.0.113.1", prefixLength: 32, ours: false };

test("planLeftovers(): what duet did not mark is the machine's and stays, configured as it is or not", (t) => {
  const present = [here, { ...here, prefixLength: 24 }, { ...here, interface: "eth1" }];
  t.deepEqual(planLeftovers(present, []), []);
});

test("planLeftovers(): what duet marked goes, whatever is configured now", (t) => {
  const marked = { ...here, ours: true };
  const beside = { ...here, prefixLength: 24 };
  t.deepEqual(planLeftovers([marked, beside], []), [marked]);
});

test("planLeftovers(): a static address goes on where it is, one with another prefix or interface does not", (t) => {
  const marked = { ...here, ours: true };
  t.deepEqual(planLeftovers([marked], [vip]), []);
  t.deepEqual(planLeftovers([marked], [{ ...vip, prefixLength: 24 }]), [marked]);
  t.deepEqual(planLeftovers([marked], [{ ...vip, interface: "eth1" }]), [marked]);
});
