// A reload ends where a start with the same file ends, and takes nothing off that stays.

import test from "ava";
import fc from "fast-check";
import type { Config } from "../../src/config/model.ts";
import { configWith, noHooks } from "../helpers/desk-fixtures.ts";
import { type Node, openNode, type Rival } from "./vrrp-node.ts";
import { anyConfig, instance, route, rule, vip } from "./vrrp-reload-configs.ts";

const SETTLED_MS = 30_000;

const rivalAdvert = { version: 3, vrid: 1, advertIntervalMs: 1000, addresses: [], authType: 0 };
const anyRivals: fc.Arbitrary<readonly Rival[]> = fc
  .constantFrom(null, 80, 240)
  .map((priority) =>
    priority === null
      ? []
      : [{ interface: "eth0", advert: { ...rivalAdvert, version: 3 as const, priority } }],
  );
const anySurroundings = fc.record({
  down: fc.constantFrom<readonly string[]>([], ["eth1"]),
  tracked: fc.constant([{ name: "sick", up: false, detail: "exit status 1", at: "" }]),
  rivals: anyRivals,
});

/** All that can be seen of a node, without its history. */
function seen(node: Node): unknown {
  const instances = node.statuses().map((status) => {
    const { since: _, cause: __, counters: ___, other_masters: ____, ...lasting } = status;
    return lasting;
  });
  const adverts = node.said.filter(({ atMs }) => atMs > node.nowMs() - 3000);
  return {
    instances,
    groups: node.groups(),
    held: Array.from(node.kernel.holds(), ([place, value]) => `${place} ${value}`).sort(),
    said: [...new Set(adverts.map(({ advert }) => JSON.stringify(advert)))].sort(),
    ports: node.openPorts(),
  };
}

test("reload(A to B) ends in the same state as start(B), for any two configurations", (t) => {
  fc.assert(
    fc.property(
      anyConfig,
      anyConfig,
      anySurroundings,
      fc.integer({ min: 0, max: 9000 }),
      (a, b, surroundings, afterMs) => {
        const reloaded = openNode(surroundings);
        reloaded.configure(a);
        reloaded.advance(afterMs);
        reloaded.configure(b);
        reloaded.advance(SETTLED_MS);
        const fresh = openNode(surroundings);
        fresh.configure(b);
        fresh.advance(SETTLED_MS);
        t.deepEqual(seen(reloaded), seen(fresh));
      },
    ),
    { numRuns: 300 },
  );
});

test("any reload takes nothing off that stays, and says no priority 0 while it still holds", (t) => {
  fc.assert(
    fc.property(anyConfig, anyConfig, anySurroundings, (a, b, surroundings) => {
      const node = openNode(surroundings);
      node.configure(a);
      node.advance(SETTLED_MS);
      const masters = mastersOf(node, a);
      const [before, removals, words] = [
        node.kernel.holds(),
        node.kernel.removed().length,
        node.said.length,
      ];
      node.configure(b);
      const after = node.kernel.holds();
      const removed = node.kernel.removed().slice(removals);
      // An owner (255) that starts puts its own on; all others have been at work before.
      if (mastersOf(node, b).every((each) => masters.includes(each))) {
        const stay = removed.filter(
          (place) => before.has(place) && before.get(place) === after.get(place),
        );
        t.deepEqual(stay, []);
      }
      for (const { advert, held } of node.said.slice(words)) {
        if (advert.priority !== 0) continue;
        const staying = new Set(b.vrrpInstances.flatMap(({ vrrp }) => vrrp.addresses));
        const statics = new Set(b.statics.vips.map(({ address }) => address));
        const excluded = new Set(
          b.vrrpInstances.flatMap(({ holds }) => holds.excluded.map(({ address }) => address)),
        );
        for (const address of advert.addresses) {
          const known = staying.has(address) || statics.has(address) || excluded.has(address);
          if (!known) t.false([...held.keys()].some((place) => place.includes(` ${address}/`)));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("a reload that changes nothing does nothing: no request to the kernel, no word, no timer moves", (t) => {
  fc.assert(
    fc.property(anyConfig, anySurroundings, fc.nat({ max: 9000 }), (config, around, afterMs) => {
      const [node, undisturbed] = [openNode(around), openNode(around)];
      for (const each of [node, undisturbed]) {
        each.configure(config);
        each.advance(afterMs);
      }
      const counts = [node.kernel.batches(), node.said.length, node.announced()];
      node.configure(structuredClone(config));
      t.deepEqual([node.kernel.batches(), node.said.length, node.announced()], counts);
      for (const each of [node, undisturbed]) each.advance(9000);
      const times = (of: Node): number[] => of.said.map(({ atMs }) => atMs);
      t.deepEqual(times(node), times(undisturbed));
    }),
    { numRuns: 100 },
  );
});

/** Who they are, whatever they are called. */
function mastersOf(node: Node, { vrrpInstances }: Config): readonly string[] {
  const masters = vrrpInstances.filter(({ vrrp }) => node.isMaster(vrrp.name));
  return masters.map(({ vrrp, way }) => {
    const mode = way.peers.length === 0 ? "group" : `unicast ${way.source}`;
    return `${vrrp.interface} ${vrrp.vrid} ${vrrp.version} ${mode}`;
  });
}

function nodeWith(config: Config): Node {
  const node = openNode();
  node.configure(config);
  node.advance(SETTLED_MS);
  return node;
}

const one = { shape: { vrid: 1, priority: 100 } };
const two = { shape: { vrid: 2, priority: 100 } };

test("an address, a route and a rule that go from one MASTER to another are never off", (t) => {
  const things = { vips: [vip(1)], routes: [route(1)], rules: [rule(1)] };
  const node = nodeWith(
    configWith({ vrrpInstances: [instance("A", { ...one, ...things }), instance("B", two)] }),
  );
  const before = node.kernel.holds();
  const announced = node.announced();
  t.is(before.size, 3);
  node.configure(
    configWith({ vrrpInstances: [instance("A", one), instance("B", { ...two, ...things })] }),
  );
  t.deepEqual(node.kernel.removed(), []);
  t.deepEqual(node.kernel.holds(), before);
  t.is(node.announced(), announced + 5, "its new owner announces it");
  // And it is B's for good: A's end does not touch it, B's does.
  node.configure(configWith({ vrrpInstances: [instance("B", { ...two, ...things })] }));
  t.deepEqual(node.kernel.holds(), before);
  node.configure(configWith());
  t.is(node.kernel.holds().size, 0);
});

test("an address of an instance that goes away stays when another one has it from now on", (t) => {
  const node = nodeWith(
    configWith({
      vrrpInstances: [instance("A", { ...one, vips: [vip(1)] }), instance("B", two)],
    }),
  );
  node.configure(configWith({ vrrpInstances: [instance("B", { ...two, vips: [vip(1)] })] }));
  t.deepEqual(node.kernel.removed(), []);
  t.is(node.kernel.holds().size, 1);
});

test("addresses that are static from now on, or were until now, are not taken off", (t) => {
  const [held, bare] = [instance("A", { ...one, vips: [vip(1)] }), instance("A", one)];
  const statics = { vips: [vip(1)], routes: [], rules: [] };
  const node = nodeWith(configWith({ vrrpInstances: [held] }));
  node.configure(configWith({ vrrpInstances: [bare], statics }));
  node.configure(configWith({ vrrpInstances: [held] }));
  t.deepEqual(node.kernel.removed(), []);
  t.is(node.kernel.holds().size, 1);
});

test("a FAULT that a reload brings takes the addresses off before it says priority 0", (t) => {
  const node = nodeWith(configWith({ vrrpInstances: [instance("A", { ...one, vips: [vip(1)] })] }));
  const [base] = [instance("A", { ...one, vips: [vip(1), vip(2)] })];
  const sick = { ...base, trackScripts: [{ name: "sick", weight: 0, reverse: false }] };
  const said = node.said.length;
  node.configure(configWith({ vrrpInstances: [sick] }));
  node.advance(1);
  t.is(node.statuses()[0]?.state, "FAULT");
  const [goodbye] = node.said.slice(said);
  t.is(goodbye?.advert.priority, 0);
  t.is(goodbye?.held.size, 0);
  t.is(node.kernel.holds().size, 0);
});

test("a reload with another source of multicast adverts is the same election by another port", (t) => {
  const node = nodeWith(configWith({ vrrpInstances: [instance("A", one)] }));
  const source = "198.51.100.11";
  node.configure(
    configWith({ vrrpInstances: [instance("A", { shape: { ...one.shape, source } })] }),
  );
  node.advance(3000);
  t.is(node.statuses()[0]?.master?.address, source);
  t.is(node.statuses()[0]?.counters.became_master, 1);
  t.is(node.openPorts(), 1);
});

test("five hundred addresses are one batch: put on, put back, and taken off", (t) => {
  const excluded = Array.from({ length: 500 }, (_, i) => ({
    ...vip(1),
    address: `10.7.${i >> 8}.${i & 255}`,
  }));
  const node = openNode();
  node.configure(configWith({ vrrpInstances: [instance("A", { ...one, excluded })] }));
  node.advance(3609);
  t.is(node.kernel.batches(), 0);
  node.advance(1);
  t.is(node.kernel.batches(), 1);
  t.is(node.kernel.holds().size, 500);

  node.flush();
  t.is(node.kernel.batches(), 2);
  t.is(node.kernel.holds().size, 500);
  const told = node.lines.filter(
    ({ msg }) => msg === "virtual addresses were removed by somebody, put back",
  );
  t.is(told.length, 1);
  t.like(told[0], { count: 500, by_netlink_port: 4711 });

  node.configure(configWith());
  t.is(node.kernel.batches(), 3);
  t.is(node.kernel.holds().size, 0);
});

test("a sync group that gets another name is not told as a new one", (t) => {
  const grouped = (name: string, members: readonly string[]): Config =>
    configWith({
      vrrpInstances: [
        instance(members[0] ?? "", { ...one, syncGroup: name }),
        instance(members[1] ?? "", { ...two, syncGroup: name }),
      ],
      vrrpSyncGroups: [{ name, members, tracked: [], trackingWeight: false, hooks: noHooks }],
    });
  const node = nodeWith(grouped("G", ["A", "B"]));
  const told = (): number => node.lines.filter(({ msg }) => msg === "group state changed").length;
  const before = told();
  node.configure(grouped("H", ["X", "Y"]));
  node.advance(SETTLED_MS);
  t.is(told(), before);
  t.deepEqual(node.groups(), [{ name: "H", state: "MASTER", members: ["X", "Y"] }]);
  t.deepEqual(
    node.statuses().map(({ name, state, counters }) => [name, state, counters.became_master]),
    [
      ["X", "MASTER", 1],
      ["Y", "MASTER", 1],
    ],
  );
});

test("a member that a reload adds to a MASTER takes it along when it hears a better one", (t) => {
  const advert = { ...rivalAdvert, version: 3 as const, vrid: 2, priority: 240 };
  const node = openNode({ rivals: [{ interface: "eth0", advert }] });
  node.configure(configWith({ vrrpInstances: [instance("A", one)] }));
  node.advance(SETTLED_MS);
  t.true(node.isMaster("A"));
  const [A, B] = [
    instance("A", { ...one, syncGroup: "G" }),
    instance("B", { ...two, syncGroup: "G" }),
  ];
  const group = { name: "G", members: ["A", "B"], tracked: [], trackingWeight: false };
  node.configure(
    configWith({ vrrpInstances: [A, B], vrrpSyncGroups: [{ ...group, hooks: noHooks }] }),
  );
  node.advance(SETTLED_MS);
  t.deepEqual(
    node.statuses().map(({ state }) => state),
    ["BACKUP", "BACKUP"],
  );
});

for (const [what, shape] of [
  ["vrid", { vrid: 9 }],
  ["interface", { interface: "eth1" }],
  ["version", { version: 2 }],
] as const) {
  test(`another ${what}: addresses off, goodbye, and one advert later the new router is MASTER`, (t) => {
    const of = (change: object): Config =>
      configWith({
        vrrpInstances: [instance("A", { shape: { ...one.shape, ...change }, vips: [vip(1)] })],
      });
    const node = nodeWith(of({}));
    const said = node.said.length;
    node.configure(of(shape));
    const [goodbye] = node.said.slice(said);
    t.like(goodbye?.advert, { vrid: 1, version: 3, priority: 0 });
    t.is(goodbye?.held.size, 0);
    node.advance(999);
    t.is(node.kernel.holds().size, 0);
    node.advance(1);
    t.true(node.isMaster("A"));
    t.is(node.kernel.holds().size, 1);
  });
}

test("a router that takes the place of a MASTER stays BACKUP where it hears a better one", (t) => {
  const advert = { ...rivalAdvert, version: 3 as const, vrid: 9, priority: 200 };
  const node = openNode({ rivals: [{ interface: "eth0", advert }] });
  const of = (vrid: number): Config =>
    configWith({ vrrpInstances: [instance("A", { shape: { vrid, priority: 100 } })] });
  node.configure(of(1));
  node.advance(SETTLED_MS);
  t.true(node.isMaster("A"));
  node.configure(of(9));
  for (let i = 0; i < 20; i += 1) {
    node.advance(500);
    t.false(node.isMaster("A"));
  }
});
