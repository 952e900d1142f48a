// Any number of starts, stops and deaths, in any order, on any machine: what is wanted is there, nobody is misled on the
// way, and after the last stop the machine is what it was.

import test from "ava";
import fc from "fast-check";
import { start, stop } from "../../src/realserver/carry-out.ts";
import { judge } from "../../src/realserver/judge.ts";
import {
  type Actual,
  effective,
  MODES,
  type Mode,
  type Role,
  type Wanted,
} from "../../src/realserver/model.ts";
import { plan } from "../../src/realserver/plan.ts";
import { type Machine, openMachine, PATHS, type Start } from "./machine.ts";

const VIPS = ["10.0.0.100", "10.0.0.101", "2001:db8::100"];

const starts: fc.Arbitrary<Start> = fc.record({
  settings: fc
    .tuple(...PATHS.map(() => fc.constantFrom("0", "1", "2")))
    .map((values) => new Map(PATHS.map((path, i) => [path, values[i] ?? "0"]))),
  tunnelsUp: fc.boolean(),
  defaults: fc.subarray([
    ["10.1.0.1", 0],
    ["10.1.0.2", 0],
    ["10.1.0.3", 0],
    ["10.1.0.4", 100],
  ] as const),
  addresses: fc.subarray([
    ["lo", "10.0.0.100"],
    ["tunl0", "10.0.0.101"],
  ] as const),
});

type Order = { readonly mode: Mode; readonly role: Role | undefined; readonly diesAfter: number };

const orders: fc.Arbitrary<Order> = fc
  .record({
    mode: fc.constantFrom(...MODES),
    vips: fc.subarray(VIPS, { minLength: 1 }),
    via: fc.constantFrom("10.1.0.1", "10.1.0.9"),
    isStart: fc.boolean(),
    diesAfter: fc.oneof(fc.constant(Infinity), fc.nat(30)),
  })
  .map(({ mode, vips, via, isStart, diesAfter }) => {
    const role = mode === "nat" ? { vips: [], via } : { vips, via: null };
    return { mode, role: isStart ? role : undefined, diesAfter };
  });

test("after any starts, stops and deaths the machine is what was asked for, and in the end what it was", (t) => {
  fc.assert(
    fc.property(starts, fc.array(orders, { maxLength: 6 }), (begin, given) => {
      const machine = openMachine(begin, (actual) => isSilent(begin, actual));
      const before = shown(machine.actual());
      for (const { mode, role, diesAfter } of given) {
        machine.dieAfter(diesAfter);
        const { [mode]: _, ...others } = machine.memory().wanted;
        carryOut(machine, role === undefined ? others : { ...others, [mode]: role });
        machine.revive();
        if (diesAfter === Infinity)
          t.deepEqual(plan(machine.memory(), machine.actual()), [], "a second plan is empty");
        // A machine whose `all` or interface has odd values of its own may be judged, what duet sets may not.
        if (diesAfter === Infinity && role !== undefined && mode === "nat") {
          t.deepEqual(judge(mode, role, machine.actual()), []);
        }
      }
      carryOut(machine, {});
      t.deepEqual(shown(machine.actual()), before);
      t.deepEqual(machine.memory(), { wanted: {}, changes: [] });
    }),
    { numRuns: 2000 },
  );
});

test("taking the filter off a tunnel leaves every other interface with the one it had", (t) => {
  fc.assert(
    fc.property(starts, (begin) => {
      const machine = openMachine(begin, () => {});
      const filters = (actual: Actual) =>
        ["lo", "eth0", "eth1", "default"].map((name) => effective(actual, name, "rp_filter"));
      const before = filters(machine.actual());
      carryOut(machine, { tun: { vips: ["10.0.0.100"], via: null } });
      t.deepEqual(filters(machine.actual()), before);
      t.is(effective(machine.actual(), "tunl0", "rp_filter"), 0);
    }),
  );
});

test("a change that the kernel refuses takes back those before it", (t) => {
  const begin = {
    settings: new Map(PATHS.map((path) => [path, "0"])),
    tunnelsUp: false,
    defaults: [],
    addresses: [],
  };
  const machine = openMachine(begin, () => {});
  const before = shown(machine.actual());
  const hands: typeof machine.hands = {
    ...machine.hands,
    make(change) {
      if (change.kind === "address") throw new Error("EPERM");
      machine.hands.make(change);
    },
  };
  const wanted: Wanted = { dr: { vips: ["10.0.0.100"], via: null } };
  const outcome = start(machine.memory(), wanted, { hands, save: machine.save });
  t.deepEqual(outcome, { done: [], left: [], errors: ["Cannot put 10.0.0.100 on lo: EPERM"] });
  t.deepEqual(shown(machine.actual()), before);
  t.deepEqual(machine.memory(), { wanted: {}, changes: [] });
});

/** A dead machine's error is everybody's; any other one is this test's. */
function carryOut(machine: Machine, wanted: Wanted): void {
  const { hands, save } = machine;
  const isMore = Object.keys(wanted).length > 0;
  try {
    (isMore ? start : stop)(machine.memory(), wanted, { hands, save });
  } catch (error) {
    if (!(error instanceof Error) || error.message !== "dead") throw error;
  }
}

/** While an IPv4 address of ours is there no Ethernet interface answers ARP for it, unless its own setting is odd. */
function isSilent(begin: Start, actual: Actual): void {
  const isHeld = actual.addresses.some(({ isOurs, address }) => isOurs && !address.includes(":"));
  if (!isHeld || begin.addresses.length > 0) return;
  for (const name of ["eth0", "eth1"]) {
    if ((effective(actual, name, "arp_ignore") ?? 0) < 1) throw new Error(`${name} answers ARP`);
    if ((effective(actual, name, "arp_announce") ?? 0) < 2) throw new Error(`${name} announces`);
  }
}

function shown({ interfaces, addresses, settings, defaults }: Actual) {
  return {
    up: interfaces.filter(({ up }) => up).map(({ name }) => name),
    addresses: addresses.map(({ device, address }) => `${device} ${address}`).toSorted(),
    settings: Object.fromEntries(settings),
    defaults: defaults.map(({ body }) => body),
  };
}
