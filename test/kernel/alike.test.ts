import test from "ava";
import {
  addAddress,
  DUET_PROTO,
  type NewAddress,
  readAddresses,
  removeReadAddress,
} from "../../src/kernel/addresses.ts";
import { isSameAddress, isSameRoute, isSameRule } from "../../src/kernel/alike.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import { addRoute, listRoutes, type NewRoute, removeReadRoute } from "../../src/kernel/routes.ts";
import { addRule, listRules, type NewRule, removeReadRule } from "../../src/kernel/rules.ts";
import { ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { plainRoute } from "../helpers/plain-route.ts";

enterNewNetwork({ ipv6: true });
ip("link add d0 type veth peer name d0p");
ip("link set d0p up");
ip("link set d0 up");
for (const own of ["10.1.0.1/24", "2001:db8::1/64"]) ip(`address add ${own} dev d0`);
const interfaceIndex = ifIndexOf("d0");
const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
test.after.always(() => netlink.close());

const hop = { via: "10.1.0.2", interfaceIndex, weight: 1, onlink: false };
const four = plainRoute(hop);
const two = { ...four, hops: [hop, { ...hop, via: "10.1.0.3", weight: 5 }] };
const six = {
  ...four,
  destination: "2001:db8:7::",
  prefixLength: 64,
  hops: [{ ...hop, via: "2001:db8::2" }],
};
const routes: readonly NewRoute[] = [
  four,
  { ...four, hops: [{ ...hop, via: "10.1.0.3" }] },
  { ...four, source: "10.1.0.1" },
  { ...four, metric: 7 },
  { ...four, mtu: 1400 },
  { ...four, table: 1000 },
  { ...four, prefixLength: 25 },
  { ...four, type: "blackhole", hops: [] },
  { ...four, hops: [{ ...hop, via: null }], scope: 253 },
  { ...four, hops: [{ ...hop, via: "192.0.2.1", onlink: true }] },
  two,
  { ...two, hops: two.hops.toReversed() },
  { ...two, hops: two.hops.map((each) => ({ ...each, weight: 2 })) },
  six,
  { ...six, metric: 7 },
  { ...six, mtu: 1400 },
  { ...six, type: "unreachable", hops: [] },
];
const plain: NewAddress = {
  interfaceIndex,
  address: "203.0.113.1",
  prefixLength: 24,
  scope: 0,
  label: null,
  broadcast: null,
  leaseS: null,
};
const plain6 = { ...plain, address: "2001:db8:9::1", prefixLength: 64 };
const addresses: readonly NewAddress[] = [
  plain,
  { ...plain, prefixLength: 32 },
  { ...plain, interfaceIndex: ifIndexOf("d0p") },
  { ...plain, scope: 253 },
  { ...plain, label: "d0:x" },
  { ...plain, broadcast: "203.0.113.255" },
  { ...plain, peer: "203.0.113.2" },
  { ...plain, peer: "198.51.100.2" },
  { ...plain, noPrefixRoute: true },
  { ...plain, leaseS: 60 },
  plain6,
  { ...plain6, prefixLength: 128 },
  { ...plain6, peer: "2001:db8:9::2" },
  { ...plain6, noPrefixRoute: true },
  { ...plain6, home: true },
  { ...plain6, leaseS: 60 },
  { ...plain6, preferredLftS: 0 },
];
const all = { address: "10.1.0.0", prefixLength: 24 };
const rule: NewRule = {
  family: 4,
  not: false,
  from: all,
  to: null,
  fwmark: null,
  iif: null,
  oif: null,
  table: 77,
  priority: 700,
};
const rules: readonly NewRule[] = [
  rule,
  { ...rule, table: 1000 },
  { ...rule, priority: 701 },
  { ...rule, not: true },
  { ...rule, from: null, to: all },
  { ...rule, from: { ...all, prefixLength: 25 } },
  { ...rule, iif: "d0" },
  { ...rule, oif: "d0" },
  { ...rule, fwmark: { mark: 7, mask: null } },
  { ...rule, fwmark: { mark: 7, mask: 15 } },
];

test.serial(
  "isSameAddress(): each is itself, as the kernel shows it, and none of the others",
  (t) => {
    const deviceOf = (index: number): string => (index === interfaceIndex ? "d0" : "d0p");
    for (const address of addresses) {
      netlink.request(addAddress(address));
      const ours = readAddresses(netlink).filter((each) => each.address.proto === DUET_PROTO);
      const [read, ...others] = ours;
      if (read === undefined || others.length > 0) throw new Error("Not one address");
      t.deepEqual(
        addresses.filter((each) => isSameAddress(read, each, deviceOf(each.interfaceIndex))),
        [address],
      );
      netlink.request(removeReadAddress(read));
    }
  },
);

test.serial(
  "isSameRoute(): each is itself, as the kernel shows it, and none of the others",
  (t) => {
    for (const route of routes) {
      netlink.request(addRoute(route));
      const [read, ...others] = listRoutes(netlink, DUET_PROTO);
      if (read === undefined || others.length > 0) throw new Error("Not one route");
      t.deepEqual(
        routes.filter((each) => isSameRoute(read, each)),
        [route],
      );
      netlink.request(removeReadRoute(read));
    }
  },
);

test.serial("isSameRoute(): an interface that is not said is any", (t) => {
  const anywhere = (route: NewRoute): NewRoute => ({
    ...route,
    hops: route.hops.map((each) => ({ ...each, interfaceIndex: null })),
  });
  for (const route of [four, two, six]) {
    netlink.request(addRoute(anywhere(route)));
    const [read] = listRoutes(netlink, DUET_PROTO);
    if (read === undefined) throw new Error("No route");
    t.true(isSameRoute(read, anywhere(route)));
    t.true(isSameRoute(read, route));
    netlink.request(removeReadRoute(read));
  }
});

test.serial("isSameRule(): each is itself, as the kernel shows it, and none of the others", (t) => {
  for (const each of rules) {
    netlink.request(addRule(each));
    const [read, ...others] = listRules(netlink, DUET_PROTO);
    if (read === undefined || others.length > 0) throw new Error("Not one rule");
    t.deepEqual(
      rules.filter((wanted) => isSameRule(read, wanted)),
      [each],
    );
    netlink.request(removeReadRule(read));
  }
});
