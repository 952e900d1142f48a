import test from "ava";
import fc from "fast-check";
import type { Thing, Vip } from "../../src/vip/model.ts";
import { planChange, planLeftovers } from "../../src/vip/plan.ts";
import { nameOf } from "../../src/vip/things.ts";

const vip: Vip = {
  address: "203.0.113.1",
  prefixLength: 24,
  interface: "eth0",
  scope: "global",
  label: null,
  broadcast: null,
};
const on = (...vips: readonly Vip[]): Thing[] =>
  vips.map((each) => ({ kind: "address", vip: each }));
const other: Vip = { ...vip, address: "203.0.113.2" };

test("planChange() leaves alone what is held and still wanted", (t) => {
  t.deepEqual(planChange(on(vip, other), on(other, vip)), { remove: [], add: [] });
});

test("planChange() takes off what is not wanted any more and puts on what is new", (t) => {
  t.deepEqual(planChange(on(vip), on(other)), { remove: on(vip), add: on(other) });
});

const changes: readonly Partial<Vip>[] = [
  { prefixLength: 32 },
  { interface: "eth1" },
  { scope: "link" },
  { label: "eth0:1" },
  { broadcast: "203.0.113.255" },
];

for (const change of changes) {
  test(`planChange() replaces an address whose ${Object.keys(change).join()} changed`, (t) => {
    const changed = { ...vip, ...change };
    t.deepEqual(planChange(on(vip, other), on(changed, other)), {
      remove: on(vip),
      add: on(changed),
    });
  });
}

test("planChange() leads from any addresses to any others", (t) => {
  const anyVips = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 10 });
  const thingsOf = (numbers: readonly number[]): Thing[] =>
    on(...numbers.map((n) => ({ ...vip, address: `203.0.113.${n}` })));
  fc.assert(
    fc.property(anyVips, anyVips, (held, wanted) => {
      const { remove, add } = planChange(thingsOf(held), thingsOf(wanted));
      const gone = new Set(remove.map(nameOf));
      const kept = thingsOf(held).filter((thing) => !gone.has(nameOf(thing)));
      const result = [...kept, ...add].map(nameOf).sort();
      t.deepEqual(result, thingsOf(wanted).map(nameOf).sort());
    }),
  );
});

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
