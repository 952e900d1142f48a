import test from "ava";
import { DUET_PROTO } from "../../src/kernel/addresses.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import {
  addRule,
  listRules,
  type NewRule,
  removeReadRule,
  removeRule,
} from "../../src/kernel/rules.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";

enterNewNetwork();
const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
const plain: NewRule = {
  family: 4,
  not: false,
  from: { address: "203.0.113.0", prefixLength: 24 },
  to: null,
  fwmark: null,
  iif: null,
  oif: null,
  table: 100,
  priority: 500,
};

test.afterEach.always(() => {
  netlink.batch(listRules(netlink, DUET_PROTO).map(removeReadRule));
});

type Shown = Record<string, unknown>;

function shown(): readonly Shown[] {
  return (JSON.parse(ip("-j -d rule show")) as Shown[]).filter(
    ({ protocol }) => protocol !== "kernel",
  );
}

test.serial("addRule(): ip sees every selector", (t) => {
  const rule: NewRule = {
    ...plain,
    not: true,
    to: { address: "198.51.100.7", prefixLength: 32 },
    fwmark: { mark: 0x10, mask: 0xf0 },
    iif: "lo",
    oif: "d7",
    table: 1000,
  };
  netlink.request(addRule(rule));
  const [seen] = shown();
  t.like(seen, {
    priority: 500,
    src: "203.0.113.0",
    srclen: 24,
    dst: "198.51.100.7",
    fwmark: "0x10",
    fwmask: "0xf0",
    iif: "lo",
    oif: "d7",
    table: "1000",
    protocol: "215",
  });
  t.true(seen !== undefined && "not" in seen);
  netlink.request(removeRule(rule));
  t.deepEqual(shown(), []);
});

test.serial("addRule() twice is EEXIST, removeRule() twice is ENOENT", (t) => {
  netlink.request(addRule(plain));
  t.is(netlink.batch([addRule(plain)]).get(0)?.code, "EEXIST");
  netlink.request(removeRule(plain));
  t.is(netlink.batch([removeRule(plain)]).get(0)?.code, "ENOENT");
});

test.serial("removeRule(): one of somebody else that says the same is left alone", (t) => {
  ip("rule add from 203.0.113.0/24 table 100 priority 500");
  netlink.request(addRule(plain));
  netlink.request(removeRule(plain));
  t.is(netlink.batch([removeRule(plain)]).get(0)?.code, "ENOENT");
  t.is(shown().length, 1);
  ip("rule del priority 500");
});

test.serial("listRules() reads those of the mark, and removeReadRule() takes them off", (t) => {
  ip("rule add from 203.0.113.9 table 100 priority 501");
  netlink.request(addRule(plain));
  netlink.request(addRule({ ...plain, from: null, fwmark: { mark: 7, mask: null }, priority: 9 }));
  const found = listRules(netlink, DUET_PROTO);
  t.deepEqual(
    found.map(({ priority }) => priority),
    [9, 500],
  );
  t.is(netlink.batch(found.map(removeReadRule)).size, 0);
  t.is(shown().length, 1);
  ip("rule del priority 501");
});
