import test from "ava";
import { DUET_PROTO } from "../../src/kernel/addresses.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import { removeAllLike } from "../../src/kernel/removals.ts";
import { gatewayTo } from "../../src/kernel/route-to.ts";
import {
  addRoute,
  listRoutes,
  type NewRoute,
  removeReadRoute,
  removeRoute,
} from "../../src/kernel/routes.ts";
import { ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { plainRoute } from "../helpers/plain-route.ts";

enterNewNetwork();
ip("link add d0 type veth peer name d0p");
ip("link set d0p up");
ip("address add 10.1.0.1/24 dev d0");
ip("link set d0 up");
const interfaceIndex = ifIndexOf("d0");
const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
const hop = { via: "10.1.0.2", interfaceIndex, weight: 1, onlink: false };
const plain = plainRoute(hop);

test.afterEach.always(() => {
  netlink.batch(listRoutes(netlink, DUET_PROTO).map(removeReadRoute));
});

test.serial(
  "gatewayTo(): the router on the way, none in a network of this machine, no way at all",
  (t) => {
    const strange = openNetlink(NETLINK_ROUTE, "rtnetlink");
    t.teardown(() => strange.close());
    netlink.request(addRoute(plain));
    t.is(gatewayTo(strange, "203.0.113.7"), "10.1.0.2");
    t.is(gatewayTo(strange, "10.1.0.9"), null);
    t.is(gatewayTo(strange, "10.1.0.1"), null);
    t.is(gatewayTo(strange, "127.0.0.1"), null);
    t.is(gatewayTo(strange, "198.51.100.1"), undefined);
    t.is(gatewayTo(strange, "2001:db8:ffff::1"), undefined);
  },
);

type Shown = Record<string, unknown>;

function shown(table: number | string): readonly Shown[] {
  return (JSON.parse(ip(`-j -d route show table ${table}`)) as Shown[]).filter(
    ({ protocol }) => protocol !== "kernel",
  );
}

test.serial("addRoute(): ip sees gateway, device, source, metric, mtu and the mark", (t) => {
  const source = "10.1.0.1";
  netlink.request(addRoute({ ...plain, source, metric: 50, mtu: 1400 }));
  const [route] = shown("main");
  t.like(route, {
    type: "unicast",
    dst: "203.0.113.0/24",
    gateway: "10.1.0.2",
    dev: "d0",
    protocol: "215",
    scope: "global",
    prefsrc: source,
    metric: 50,
  });
  t.deepEqual(route?.["metrics"], [{ mtu: 1400 }]);
});

test.serial("addRoute(): a table above 255, onlink and a protocol of its own", (t) => {
  const hops = [{ ...hop, via: "192.0.2.1", onlink: true }];
  const route: NewRoute = { ...plain, table: 1000, protocol: 4, hops, prefixLength: 24 };
  netlink.request(addRoute(route));
  t.like(shown(1000)[0], { gateway: "192.0.2.1", flags: ["onlink"], protocol: "static" });
  netlink.request(removeRoute(route));
});

test.serial("addRoute(): several hops with weights", (t) => {
  const hops = [hop, { ...hop, via: "10.1.0.3", weight: 5 }];
  netlink.request(addRoute({ ...plain, hops }));
  const [route] = shown("main");
  t.like(route, {
    nexthops: [
      { gateway: "10.1.0.2", dev: "d0", weight: 1 },
      { gateway: "10.1.0.3", dev: "d0", weight: 5 },
    ],
  });
  netlink.request(removeRoute({ ...plain, hops }));
  t.deepEqual(shown("main"), []);
});

test.serial("addRoute(): a blackhole has no hop, and default is a length of 0", (t) => {
  const route: NewRoute = {
    ...plain,
    type: "blackhole",
    destination: "0.0.0.0",
    prefixLength: 0,
    hops: [],
  };
  netlink.request(addRoute(route));
  t.like(shown("main")[0], { type: "blackhole", dst: "default" });
  netlink.request(removeRoute(route));
});

test.serial("addRoute() twice is EEXIST, beside another one to the same place it is not", (t) => {
  ip("route add 203.0.113.0/24 via 10.1.0.9");
  netlink.request(addRoute(plain));
  t.is(netlink.batch([addRoute(plain)]).get(0)?.code, "EEXIST");
  t.is(shown("main")[0]?.["gateway"], "10.1.0.2", "ours comes first");
  netlink.request(removeRoute(plain));
  t.is(netlink.batch([removeRoute(plain)]).get(0)?.code, "ESRCH");
  t.is(shown("main")[0]?.["gateway"], "10.1.0.9", "the other one stays");
  ip("route del 203.0.113.0/24 via 10.1.0.9");
});

test.serial("listRoutes() reads those of the mark, and removeReadRoute() takes them off", (t) => {
  ip("route add 198.51.100.0/24 via 10.1.0.9");
  netlink.request(addRoute(plain));
  netlink.request(addRoute({ ...plain, table: 1000, hops: [hop, { ...hop, via: "10.1.0.3" }] }));
  const found = listRoutes(netlink, DUET_PROTO);
  t.deepEqual(
    found.map(({ destination, prefixLength, table }) => [destination, prefixLength, table]),
    [
      ["203.0.113.0", 24, 1000],
      ["203.0.113.0", 24, 254],
    ],
  );
  t.is(netlink.batch(found.map(removeReadRoute)).size, 0);
  t.is(shown("main").length, 1);
  ip("route del 198.51.100.0/24");
});

for (const [what, other] of [
  ["another source", { source: "10.1.0.1" }],
  ["an mtu", { mtu: 1400 }],
  ["a metric", { metric: 7 }],
  ["more hops", { hops: [hop, { ...hop, via: "10.1.0.3" }] }],
  [
    "other weights",
    {
      hops: [
        { ...hop, weight: 2 },
        { ...hop, via: "10.1.0.3" },
      ],
    },
  ],
] as const) {
  test.serial(`removeAllLike(): a route leaves nothing behind beside one with ${what}`, (t) => {
    for (const pair of [
      [plain, { ...plain, ...other }],
      [{ ...plain, ...other }, plain],
    ] as const) {
      netlink.batch(pair.map(addRoute));
      t.is(listRoutes(netlink, DUET_PROTO).length, 2);
      for (const route of pair) removeAllLike(netlink, [removeRoute(route)]);
      t.deepEqual(listRoutes(netlink, DUET_PROTO), []);
    }
  });
}

test.serial("removeRoute() names what a route has not: no mtu, and no further hop", (t) => {
  netlink.batch(
    [
      { ...plain, mtu: 1400 },
      { ...plain, hops: [hop, { ...hop, via: "10.1.0.3" }] },
    ].map(addRoute),
  );
  t.is(netlink.batch([removeRoute(plain)]).get(0)?.code, "ESRCH");
});
