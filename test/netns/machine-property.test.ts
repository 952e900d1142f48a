// Whatever is configured, reloaded and stopped: the addresses, routes and rules of the machine are afterwards what they
// would be had duet never run there.

import test from "ava";
import fc from "fast-check";
import { DUET_PROTO } from "../../src/kernel/addresses.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import { openNetwork } from "../../src/kernel/network.ts";
import { listRoutes } from "../../src/kernel/routes.ts";
import { openHolders } from "../../src/vip/holding/holders.ts";
import { Keeper } from "../../src/vip/holding/keeper.ts";
import { openMachines } from "../../src/vip/holding/machines.ts";
import { thingsOf } from "../../src/vip/holding/things.ts";
import type { Route, Rule, Thing, Vip } from "../../src/vip/model.ts";
import { noSysctls } from "../daemon/vrrp-fakes.ts";
import { enterNewNetwork, ip, openNeighbour } from "../helpers/netns.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

enterNewNetwork({ ipv6: true });
const neighbour = await openNeighbour("v0", "v1", { ipv6: true });
test.after.always(() => neighbour.close());
const OWN = { 4: "10.9.0.1", 6: "2001:db8::1" } as const;
const VIAS = { 4: ["10.9.0.2", "10.9.0.3"], 6: ["2001:db8::2", "2001:db8::3"] } as const;
for (const address of [`${OWN[4]}/24`, "10.9.0.50/24", `${OWN[6]}/64`]) {
  ip(`address add ${address} dev v0`);
}
for (const route of [
  "default via 10.9.0.2",
  "192.0.2.0/24 via 10.9.0.2 src 10.9.0.1",
  "192.0.2.0/24 via 10.9.0.2 src 10.9.0.1 metric 5 mtu 1400",
  "192.0.2.0/24 via 10.9.0.3 proto static table 77",
  "blackhole 198.51.100.0/24",
  "203.0.113.0/24 via 10.9.0.2 proto static",
]) {
  ip(`route add ${route}`);
}
ip("-6 route add default via 2001:db8::2 metric 5");
ip("-6 route add 2001:db8:1::/64 via 2001:db8::3 metric 700");
ip("-6 route add 2001:db8:2::/64 via 2001:db8::2 proto static");
ip("rule add from 10.9.0.1 lookup 77 priority 700");

function machine(): string {
  const shown = ["-4 route", "-6 route"].map((each) => ip(`${each} show table all`));
  const lasting = shown.map((text) => text.replaceAll(/^.* expires -?\d+sec.*\n/gm, ""));
  const rest = ["-o address show", "-4 rule show", "-6 rule show"].map(ip);
  return [...lasting, ...rest].join("\n---\n");
}

const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
const asking = openNetlink(NETLINK_ROUTE, "rtnetlink", { strict: true });
const network = openNetwork(netlink, { onChange: () => {}, onAddressesGone: () => {} });
const before = machine();
test.after.always(() => {
  network.close();
  netlink.close();
  asking.close();
});

const anyHops = (family: 4 | 6): fc.Arbitrary<Route["hops"]> =>
  fc
    .tuple(
      fc.subarray([...VIAS[family]], { minLength: 1 }),
      fc.constantFrom(null, "v0"),
      fc.constantFrom(1, 2),
      fc.boolean(),
    )
    .map(([vias, device, weight, turned]) =>
      (turned ? vias.toReversed() : vias).map((via, i) => ({
        via,
        interface: device,
        weight: i === 0 && vias.length > 1 ? weight : 1,
        onlink: false,
      })),
    );

const anyRoute = fc
  .constantFrom<4 | 6>(4, 4, 6)
  .chain((family) =>
    fc.record<Route>({
      type: fc.constantFrom("unicast", "unicast", "unicast", "blackhole"),
      destination: fc.constantFrom(
        ...(family === 4 ? ["0.0.0.0", "192.0.2.0"] : ["::", "2001:db8:1::"]),
      ),
      prefixLength: fc.constant(0),
      source: fc.constantFrom(null, null, OWN[family]),
      table: fc.constantFrom(254, 254, 77, 1000),
      scope: fc.constant(0),
      metric: fc.constantFrom(null, null, 5, 1024),
      protocol: fc.constant(null),
      mtu: fc.constantFrom(null, null, 1400),
      hops: anyHops(family),
      line: fc.constant("a route"),
    }),
  )
  .map((route): Route => {
    const prefixLength =
      route.destination === "192.0.2.0"
        ? 24
        : route.destination === "::" || route.destination === "0.0.0.0"
          ? 0
          : 64;
    return route.type === "blackhole"
      ? { ...route, prefixLength, hops: [], source: null, mtu: null }
      : { ...route, prefixLength };
  });

/** In the name of somebody else ("proto static"); one of them the machine has by itself. */
const namedRoute = fc.constantFrom(...VIAS[4], ...VIAS[6]).map(
  (via): Route => ({
    type: "unicast",
    destination: via.includes(":") ? "2001:db8:2::" : "203.0.113.0",
    prefixLength: via.includes(":") ? 64 : 24,
    source: null,
    table: 254,
    scope: 0,
    metric: null,
    protocol: 4,
    mtu: null,
    hops: [{ via, interface: "v0", weight: 1, onlink: false }],
    line: "a route of the machine, maybe",
  }),
);

const anyRule = fc.record<Rule>({
  family: fc.constant(4),
  not: fc.boolean(),
  from: fc.constantFrom(
    null,
    { address: "10.9.0.1", prefixLength: 32 },
    { address: "10.9.0.0", prefixLength: 24 },
  ),
  to: fc.constantFrom(null, { address: "192.0.2.0", prefixLength: 24 }),
  fwmark: fc.constantFrom(null, { mark: 7, mask: null }, { mark: 7, mask: 15 }),
  iif: fc.constantFrom(null, "v0"),
  oif: fc.constant(null),
  table: fc.constantFrom(77, 1000),
  priority: fc.constantFrom(700, 701),
  line: fc.constant("a rule"),
});

const anyVip = fc
  .constantFrom(
    "10.9.0.1/24",
    "10.9.0.1/32",
    "10.9.0.50/24",
    "10.9.0.60/24",
    "10.9.0.60/32",
    "2001:db8::1/64",
    "2001:db8::1/128",
    "2001:db8::60/64",
    "2001:db8::60/128",
  )
  .chain((text) =>
    fc.constantFrom<Vip["scope"]>("global", "global", "link").map((scope): Vip => {
      const [address = "", bits] = text.split("/");
      return {
        address,
        prefixLength: Number(bits),
        interface: "v0",
        scope,
        label: null,
        broadcast: null,
      };
    }),
  );

type Wanted = { readonly fixed: readonly Thing[]; readonly virtual: readonly Thing[] };

const anyThings = fc
  .record({
    vips: fc.uniqueArray(anyVip, { maxLength: 3, selector: ({ address }) => address }),
    routes: fc.array(fc.oneof({ weight: 5, arbitrary: anyRoute }, namedRoute), { maxLength: 4 }),
    rules: fc.array(anyRule, { maxLength: 3 }),
  })
  .map(thingsOf);

const anyWanted: fc.Arbitrary<Wanted> = fc.record({ fixed: anyThings, virtual: anyThings });

/** Of IPv4, where each is one of the kernel's; as the kernel tells them apart. */
function markedRoutes(things: readonly Thing[]): number {
  const texts = things.flatMap((thing) => {
    if (thing.kind !== "route" || thing.route.protocol !== null) return [];
    if (thing.route.destination.includes(":")) return [];
    const hops = thing.route.hops.map((hop) => ({ ...hop, interface: "v0" }));
    return [JSON.stringify({ ...thing.route, hops })];
  });
  return new Set(texts).size;
}

function play(
  t: { readonly is: (a: unknown, b: unknown, message?: string) => unknown },
  steps: readonly Wanted[],
): void {
  const { clock } = virtualClock();
  const { log, lines } = memoryLog();
  const holders = openHolders();
  const machines = openMachines({ netlink, linkOf: network.link, network, log });
  const parts = {
    clock,
    netlink,
    holders,
    machines,
    linkOf: network.link,
    sysctls: noSysctls,
    log,
  };
  const open = (): Keeper => new Keeper(parts, "virtual");
  const [fixed, virtual] = [open(), open()];
  fixed.hold({ things: [], leaseS: null });
  virtual.hold({ things: [], leaseS: 3 });
  for (const step of steps) {
    holders.together(() => {
      fixed.hold({ things: step.fixed, leaseS: null });
      virtual.hold({ things: step.virtual, leaseS: 60 });
    });
    const marked = listRoutes(asking, DUET_PROTO).filter(({ family }) => family === 4);
    t.is(
      marked.length,
      markedRoutes([...step.fixed, ...step.virtual]),
      "none is lost, none is left",
    );
  }
  virtual.release();
  fixed.release();
  t.is(machine(), before, lines.map((line) => JSON.stringify(line)).join("\n"));
}

test("after any reloads and a stop the tables are those of a machine that never ran duet", (t) => {
  fc.assert(
    fc.property(fc.array(anyWanted, { minLength: 1, maxLength: 4 }), (steps) => play(t, steps)),
    {
      numRuns: Number(process.env["RUNS"] ?? 60),
      ...(process.env["SEED"] ? { seed: Number(process.env["SEED"]) } : {}),
    },
  );
});
