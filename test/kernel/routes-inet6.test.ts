// IPv6 routes of duet beside those of the machine: the kernel makes one of several with the same place and metric.

import test from "ava";
import { DUET_PROTO } from "../../src/kernel/addresses.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import { removeAllLike, removeMarkedHops6 } from "../../src/kernel/removals.ts";
import {
  addRoute,
  listHops6,
  listRoutes,
  type NewRoute,
  partsOf,
  removeReadRoute,
  removeRoute,
} from "../../src/kernel/routes.ts";
import { ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";

enterNewNetwork({ ipv6: true });
ip("link add d0 type veth peer name d0p");
ip("link set d0p up");
ip("link set d0 up");
ip("address add 2001:db8::1/64 dev d0");
const interfaceIndex = ifIndexOf("d0");
const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
test.after.always(() => netlink.close());

const hop = { via: "2001:db8::2", interfaceIndex, weight: 1, onlink: false };
const other = { ...hop, via: "2001:db8::3" };
const plain: NewRoute = {
  type: "unicast",
  destination: "2001:db8:7::",
  prefixLength: 64,
  source: null,
  table: 254,
  scope: 0,
  metric: 5,
  protocol: null,
  mtu: null,
  hops: [hop],
};
const OURS = {
  "a hop": plain,
  "two hops": {
    ...plain,
    hops: [
      { ...hop, weight: 3 },
      { ...other, weight: 2 },
    ],
  },
  "a device": { ...plain, hops: [{ ...hop, via: null }] },
  "a blackhole": { ...plain, type: "blackhole", hops: [] },
} as const satisfies Record<string, NewRoute>;
const NAMES = Object.keys(OURS) as (keyof typeof OURS)[];

function shown(): string {
  return ip("-6 route show 2001:db8:7::/64");
}

function addMachines(): void {
  ip("-6 route append 2001:db8:7::/64 via 2001:db8::8 metric 5");
  ip("-6 route append 2001:db8:7::/64 via 2001:db8::9 metric 5");
}

function put(route: NewRoute): void {
  for (const part of partsOf(route)) netlink.request(addRoute(part));
}

test.afterEach.always(() => {
  removeMarkedHops6(netlink, DUET_PROTO);
  netlink.batch(listRoutes(netlink, DUET_PROTO).map(removeReadRoute));
  while (shown() !== "") ip("-6 route del 2001:db8:7::/64");
});

for (const first of NAMES) {
  for (const second of NAMES) {
    test.serial(`${first} and ${second} go, the machine's hops with the same metric stay`, (t) => {
      addMachines();
      const before = shown();
      for (const isMachineFirst of [true, false]) {
        if (!isMachineFirst) while (shown() !== "") ip("-6 route del 2001:db8:7::/64");
        put(OURS[first]);
        if (first !== second) netlink.batch(partsOf(OURS[second]).map(addRoute));
        if (!isMachineFirst) addMachines();
        for (const name of [first, second]) {
          removeAllLike(netlink, partsOf(OURS[name]).map(removeRoute));
        }
        t.is(shown(), before);
      }
    });
  }
  test.serial(`${first} of a dead run is found beside the machine's hops, and goes alone`, (t) => {
    addMachines();
    const before = shown();
    put(OURS[first]);
    t.not(shown(), before);
    const removed = removeMarkedHops6(netlink, DUET_PROTO);
    const routes = listRoutes(netlink, DUET_PROTO);
    t.deepEqual(
      [removed.length, routes.length],
      { "a hop": [1, 0], "two hops": [2, 0], "a device": [0, 1], "a blackhole": [0, 1] }[first],
    );
    t.is(netlink.batch(routes.map(removeReadRoute)).size, 0);
    t.is(shown(), before);
  });
}

test.serial("a device of a dead run goes without the machine's hops that ours are beside", (t) => {
  addMachines();
  const before = shown();
  put(plain);
  put(OURS["a device"]);
  t.is(netlink.batch(listRoutes(netlink, DUET_PROTO).map(removeReadRoute)).size, 0);
  t.is(removeMarkedHops6(netlink, DUET_PROTO).length, 1);
  t.is(shown(), before);
});

test.serial(
  "listHops6() tells every hop of a route of several, some stay when they are to",
  (t) => {
    addMachines();
    put(plain);
    t.is(listHops6(netlink, DUET_PROTO).length, 3);
    t.deepEqual(
      removeMarkedHops6(netlink, DUET_PROTO, () => true),
      [],
    );
    t.true(shown().includes("via 2001:db8::2"));
  },
);

test.serial("of several hops the one that somebody took off comes back", (t) => {
  put(OURS["two hops"]);
  const before = shown();
  ip("-6 route del 2001:db8:7::/64 via 2001:db8::3");
  const errors = netlink.batch(partsOf(OURS["two hops"]).map(addRoute));
  t.deepEqual(
    [...errors.values()].map(({ code }) => code),
    ["EEXIST"],
  );
  t.is(shown(), before);
});

test("partsOf(): only hops with the mark of duet come and go one by one", (t) => {
  const two = OURS["two hops"];
  t.is(partsOf(two).length, 2);
  t.is(partsOf({ ...two, protocol: 4 }).length, 1);
  t.is(partsOf({ ...two, destination: "192.0.2.0" }).length, 1);
  t.is(partsOf(OURS["a blackhole"]).length, 1);
});
