import test from "ava";
import type { NewVirtualLink, ReadLink } from "../../src/kernel/virtual-links.ts";
import type { VirtualLink } from "../../src/vip/model.ts";
import { judgeLink, newLinkOf, ownSettings } from "../../src/vip/virtual-link.ts";

const wanted: VirtualLink = {
  kind: "macvlan",
  name: "vrrp.51",
  mac: "00:00:5e:00:01:33",
  xmitBase: false,
  group: null,
};
const link: NewVirtualLink = newLinkOf(wanted, 2);
const there: ReadLink = {
  index: 9,
  name: "vrrp.51",
  up: true,
  mac: "00:00:5e:00:01:33",
  kind: "macvlan",
  mode: 1,
  parentIndex: 2,
  masterIndex: undefined,
  group: 0,
  isMarked: true,
};

test("judgeLink() uses again what an earlier run made the same way", (t) => {
  t.is(judgeLink(there, link), "same");
  t.is(judgeLink(there, newLinkOf({ ...wanted, group: 0 }, 2)), "same");
});

test("judgeLink() replaces what an earlier run, or keepalived, made for this router", (t) => {
  for (const change of [
    { parentIndex: 3 },
    { mode: 4 },
    { mac: "02:00:00:00:00:01" },
    { kind: "ipvlan" },
  ]) {
    t.is(judgeLink({ ...there, ...change }, link), "left over");
  }
  t.is(judgeLink(there, newLinkOf({ ...wanted, group: 7 }, 2)), "left over");
  t.is(judgeLink({ ...there, isMarked: false }, link), "left over", "keepalived's");
});

test("judgeLink() leaves alone what is somebody else's", (t) => {
  for (const change of [{ parentIndex: 3 }, { mac: "02:00:00:00:00:01" }, { kind: "bridge" }]) {
    t.is(judgeLink({ ...there, ...change, isMarked: false }, link), "foreign");
  }
});

test("ownSettings() keeps a dot in the name of an interface", (t) => {
  t.true(ownSettings("vrrp.51", 4).some(({ path }) => path === "net/ipv4/conf/vrrp.51/arp_ignore"));
});
