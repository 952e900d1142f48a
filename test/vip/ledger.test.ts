import test from "ava";
import fc from "fast-check";
import { type Entry, openLedger, type Settlement } from "../../src/vip/holding/ledger.ts";
import { identityOf, placeOf } from "../../src/vip/holding/things.ts";
import type { Thing, Vip } from "../../src/vip/model.ts";

type Holder = { readonly name: string };
const [a, b] = [{ name: "A" }, { name: "B" }] as const;

const vip: Vip = {
  address: "203.0.113.1",
  prefixLength: 24,
  interface: "eth0",
  scope: "global",
  label: null,
  broadcast: null,
};
const other: Vip = { ...vip, address: "203.0.113.2" };

function on(...vips: readonly Vip[]): Thing[] {
  return vips.map((each) => ({ kind: "address", vip: each }));
}

function entries(holder: Holder, ...vips: readonly Vip[]): Entry<Holder>[] {
  return on(...vips).map((thing) => ({ holder, thing }));
}

/** What happens when holders want these things one after the other, the last step told alone. */
function settled(...steps: readonly (readonly [Holder, readonly Thing[]])[][]): Settlement<Holder> {
  const ledger = openLedger<Holder>();
  let last = ledger.settle();
  for (const step of steps) {
    for (const [holder, things] of step) ledger.set(holder, things);
    last = ledger.settle();
  }
  return last;
}

const nothing: Settlement<Holder> = { replaced: [], on: [], moved: [], off: [] };

test("what is held and still wanted is left alone, in any order", (t) => {
  t.deepEqual(settled([[a, on(vip, other)]], [[a, on(other, vip)]]), nothing);
});

test("what is not wanted any more goes, what is new comes first", (t) => {
  const result = settled([[a, on(vip)]], [[a, on(other)]]);
  t.deepEqual(result, { ...nothing, on: entries(a, other), off: entries(a, vip) });
});

for (const change of [{ scope: "link" }, { label: "eth0:1" }, { broadcast: "203.0.113.255" }]) {
  test(`an address whose ${Object.keys(change).join()} changed is replaced`, (t) => {
    const changed = { ...vip, ...change } as Vip;
    const result = settled([[a, on(vip, other)]], [[a, on(changed, other)]]);
    t.deepEqual(result, { ...nothing, replaced: entries(a, vip), on: entries(a, changed) });
  });
}

test("an address with another prefix or interface is new, and the old one goes after it", (t) => {
  for (const change of [{ prefixLength: 32 }, { interface: "eth1" }]) {
    const changed = { ...vip, ...change };
    const result = settled([[a, on(vip)]], [[a, on(changed)]]);
    t.deepEqual(result, { ...nothing, on: entries(a, changed), off: entries(a, vip) });
  }
});

test("a change that only people see is none for the kernel", (t) => {
  t.deepEqual(settled([[a, on(vip)]], [[a, on({ ...vip, noTrack: true })]]), nothing);
});

test("an address that goes from one to the other is not taken off, whoever is asked first", (t) => {
  const before: [Holder, Thing[]][] = [
    [a, on(vip)],
    [b, on(other)],
  ];
  const after: [Holder, Thing[]][] = [
    [a, []],
    [b, on(other, vip)],
  ];
  const moved = { ...nothing, moved: entries(b, vip) };
  t.deepEqual(settled(before, after), moved);
  t.deepEqual(settled(before, after.toReversed()), moved);
});

test("an address that goes over with another label is replaced once", (t) => {
  const labelled = { ...vip, label: "eth0:1" };
  const step: [Holder, Thing[]][] = [
    [b, on(labelled)],
    [a, []],
  ];
  const result = settled([[a, on(vip)]], step);
  t.deepEqual(result, { ...nothing, replaced: entries(a, vip), on: entries(b, labelled) });
});

test("what two want stays until the last one lets go", (t) => {
  const both: [Holder, Thing[]][] = [
    [a, on(vip)],
    [b, on(vip)],
  ];
  t.deepEqual(settled(both), { ...nothing, on: entries(b, vip) });
  t.deepEqual(settled(both, [[b, []]]), { ...nothing, moved: entries(a, vip) });
  t.deepEqual(settled(both, [[a, []]]), nothing);
  t.deepEqual(settled(both, [[a, []]], [[b, []]]), { ...nothing, off: entries(b, vip) });
});

test("any changes of any holders end with what they want, and take off nothing in between", (t) => {
  const holders = [a, b, { name: "C" }] as const;
  const anyVip = fc.record({
    n: fc.integer({ min: 1, max: 6 }),
    label: fc.constantFrom(null, "eth0:1"),
  });
  const anyThings = fc
    .uniqueArray(anyVip, { maxLength: 5, selector: ({ n }) => n })
    .map((vips) =>
      on(...vips.map(({ n, label }) => ({ ...vip, address: `203.0.113.${n}`, label }))),
    );
  const anyStep = fc.array(fc.tuple(fc.constantFrom(...holders), anyThings), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 8 }), (steps) => {
      const ledger = openLedger<Holder>();
      const kernel = new Map<string, string>();
      const wanted = new Map<Holder, readonly Thing[]>();
      for (const step of steps) {
        const before = new Map(kernel);
        for (const [holder, things] of step) {
          ledger.set(holder, things);
          wanted.set(holder, things);
        }
        const { replaced, on: added, moved, off } = ledger.settle();
        for (const { thing } of replaced) t.true(kernel.delete(placeOf(thing)));
        for (const { thing } of added) {
          t.false(kernel.has(placeOf(thing)), "its place is free");
          kernel.set(placeOf(thing), identityOf(thing));
        }
        for (const { thing } of moved) t.is(kernel.get(placeOf(thing)), identityOf(thing));
        for (const { thing } of off) t.true(kernel.delete(placeOf(thing)));

        const places = new Map<string, Set<string>>();
        for (const thing of [...wanted.values()].flat()) {
          const place = placeOf(thing);
          places.set(place, (places.get(place) ?? new Set()).add(identityOf(thing)));
        }
        t.deepEqual([...kernel.keys()].sort(), [...places.keys()].sort());
        for (const [place, identity] of kernel) t.true(places.get(place)?.has(identity));
        const touched = new Set([...replaced, ...off].map(({ thing }) => identityOf(thing)));
        for (const [place, identity] of before) {
          if (kernel.get(place) === identity) t.false(touched.has(identity), "never taken off");
        }
      }
    }),
  );
});
