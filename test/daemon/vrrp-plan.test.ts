// A plan says what the reload then does: the same routers go on, and the same things come and go in the kernel, for any two
// configurations.

import test from "ava";
import fc from "fast-check";
import {
  electionOutlook,
  type Move,
  planRouters,
  type Running,
} from "../../src/daemon/vrrp/plan.ts";
import { putOn } from "../../src/vip/holding/things.ts";
import type { Thing } from "../../src/vip/model.ts";
import { configWith, masterInstance } from "../helpers/desk-fixtures.ts";
import { openModelKernel } from "../helpers/model-kernel.ts";
import { openNode } from "./vrrp-node.ts";
import { anyConfig, instance, vip } from "./vrrp-reload-configs.ts";

const SETTLED_MS = 30_000;
const LINKS: Readonly<Record<string, number>> = { eth0: 7, eth1: 8 };

/** Where the model of the kernel has it, and what it is like there. */
function placesOf(thing: Thing): readonly (readonly [string, string])[] {
  const linkOf = (name: string) => {
    const index = LINKS[name];
    return index === undefined
      ? undefined
      : { index, name, up: true, running: true, mac: new Uint8Array(6) };
  };
  const kernel = openModelKernel();
  const readied = putOn(thing, linkOf, { leaseS: 3, renew: false, sharesRoute: () => false });
  if (readied.ok) kernel.netlink.batch(readied.requests);
  return [...kernel.holds()];
}

function byPlace(holds: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...holds].sort(([a], [b]) => (a < b ? -1 : Number(a > b))));
}

test("what a plan says comes and goes is what the reload puts on and takes off", (t) => {
  let compared = 0;
  fc.assert(
    fc.property(anyConfig, anyConfig, fc.constantFrom(0, 9000, SETTLED_MS), (a, b, afterMs) => {
      const node = openNode();
      node.configure(a);
      node.advance(afterMs);
      const plan = planRouters(a, b, node.statuses());
      const before = node.kernel.holds();
      const count = node.kernel.removed().length;
      node.configure(b);
      // An election that a reload decides by itself is told as an outlook, not as a move.
      const goesOn = ({ running: { status }, next }: (typeof plan.kept)[number]): boolean =>
        (status?.state === "MASTER") === node.isMaster(next.vrrp.name);
      if (!plan.kept.every(goesOn)) return;
      const owners = plan.started.filter(({ vrrp }) => vrrp.priority === 255);
      if (!owners.every(({ vrrp }) => node.isMaster(vrrp.name))) return;
      compared += 1;
      const expected = new Map(before);
      for (const { kind, thing } of plan.moves) {
        for (const [place, value] of placesOf(thing)) {
          if (kind === "off") expected.delete(place);
          else expected.set(place, value);
        }
      }
      t.deepEqual(byPlace(node.kernel.holds()), byPlace(expected));
      const off = plan.moves.filter(({ kind }) => kind === "off").flatMap(offPlaces);
      const removed = node.kernel.removed().slice(count);
      t.deepEqual([...new Set(removed)].sort(), [...new Set(off)].sort());
      t.deepEqual(planRouters(b, b, node.statuses()).moves, []);
    }),
    { numRuns: 300 },
  );
  t.true(compared > 100, `only ${compared} of 300 were compared`);
});

function offPlaces({ thing }: Move): readonly string[] {
  return placesOf(thing).map(([place]) => place);
}

test("an instance that is another virtual router is stopped and started, one with another name goes on", (t) => {
  const of = (name: string, vrid: number) =>
    configWith({ vrrpInstances: [instance(name, { shape: { vrid }, vips: [vip(1)] })] });
  const status = { ...masterInstance, name: "A" };
  const other = planRouters(of("A", 1), of("A", 2), [status]);
  t.deepEqual(
    [other.kept.length, other.stopped.length, other.started.length, other.moves.length],
    [0, 1, 1, 1],
  );
  const renamed = planRouters(of("A", 1), of("B", 1), [status]);
  t.deepEqual([renamed.kept.length, renamed.moves.length], [1, 0]);
});

test("what becomes of an election is said where it is certain", (t) => {
  const [low, high] = [50, 200].map((priority) => instance("A", { shape: { priority } }));
  const running = (status: object): Running => ({
    config: () => instance("A", { shape: { priority: 100 } }),
    status: { ...masterInstance, base_priority: 100, priority: 100, ...status },
  });
  if (low === undefined || high === undefined) throw new Error("two instances");
  t.deepEqual(electionOutlook(running({ state: "MASTER" }), low), [
    "it is MASTER with priority 50 then: a backup with a higher one that preempts takes over",
  ]);
  t.deepEqual(electionOutlook(running({ state: "MASTER" }), high), []);
  const backup = running({ state: "BACKUP", master: { address: "10.0.0.2", priority: 150 } });
  t.deepEqual(electionOutlook(backup, low), []);
  t.deepEqual(electionOutlook(backup, instance("A", { shape: { priority: 255 } })), [
    "it is the owner of its addresses then (priority 255), and MASTER whoever else is",
  ]);
  t.deepEqual(electionOutlook(backup, high), [
    "it is BACKUP with priority 200 then: it takes over from 10.0.0.2 (priority 150)",
  ]);
});
