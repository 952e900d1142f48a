import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { routeLine, ruleLine } from "../../src/config/schema/routes.ts";
import { configOf, INSTANCE, linesOf } from "./helpers.ts";

test("parseRouteLine() knows ip-route's words and fills in ip-route's defaults", (t) => {
  t.deepEqual(routeLine.parse("192.168.7.0/24 via 10.0.0.2 dev eth0 src 10.0.0.1 metric 7"), {
    ok: true,
    value: {
      type: "unicast",
      destination: "192.168.7.0",
      prefixLength: 24,
      source: "10.0.0.1",
      table: 254,
      scope: 0,
      metric: 7,
      protocol: null,
      mtu: null,
      hops: [{ via: "10.0.0.2", interface: "eth0", weight: 1, onlink: false }],
      line: "192.168.7.0/24 via 10.0.0.2 dev eth0 src 10.0.0.1 metric 7",
    },
  });
  const six = routeLine.parse("default via fe80::1 dev eth0 table 77 proto static no_track");
  t.like(six.ok && six.value, { destination: "::", prefixLength: 0, table: 77, protocol: 4 });
  const linked = routeLine.parse("10.2.0.0/16 dev eth1");
  t.like(linked.ok && linked.value, { scope: 253 });
  const both = routeLine.parse(
    "default nexthop via 10.0.0.2 dev eth0 weight 3 nexthop via 10.0.0.3 onlink dev eth1",
  );
  t.deepEqual(both.ok && both.value.hops, [
    { via: "10.0.0.2", interface: "eth0", weight: 3, onlink: false },
    { via: "10.0.0.3", interface: "eth1", weight: 1, onlink: true },
  ]);
});

const badRoutes: readonly (readonly [string, RegExp])[] = [
  ["10.0.0.1/24 dev eth0", /PREFIX is the prefix of a network or default/],
  ["10.0.0.0/33 dev eth0", /PREFIX is the prefix of a network/],
  ["10.0.0.0/24", /followed by "via ADDRESS"/],
  ["blackhole 10.0.0.0/24 dev eth0", /leads nowhere/],
  ["10.0.0.0/24 via fe80::1 dev eth0", /addresses of one family/],
  ["10.0.0.0/24 dve eth0", /not "dve" \(did you mean "dev"\?\)/],
  ["10.0.0.0/24 dev", /a word after "dev"/],
  ["10.0.0.0/24 dev eth0 dev eth1", /one "dev"/],
  ["10.0.0.0/24 dev eth0 table many", /table N is 1 to/],
  ["10.0.0.0/24 dev eth0 nexthop via 10.0.0.1", /not with both/],
  ["10.0.0.0/24 nexthop weight 3", /after "nexthop"/],
];

for (const [line, says] of badRoutes) {
  test(`parseRouteLine() refuses ${line}`, (t) => {
    const judged = routeLine.parse(line);
    t.regex(judged.ok ? "" : judged.mustBe, says);
  });
}

test("parseRuleLine() knows ip-rule's words", (t) => {
  const short = ruleLine.parse("from all lookup 7 pref 9");
  t.is(short.ok && short.value.priority, 9);
  t.deepEqual(ruleLine.parse("not from 10.0.0.0/8 to all fwmark 0x10/0xf0 iif eth0 table main"), {
    ok: true,
    value: {
      family: 4,
      not: true,
      from: { address: "10.0.0.0", prefixLength: 8 },
      to: null,
      fwmark: { mark: 16, mask: 240 },
      iif: "eth0",
      oif: null,
      table: 254,
      priority: null,
      line: "not from 10.0.0.0/8 to all fwmark 0x10/0xf0 iif eth0 table main",
    },
  });
  t.false(ruleLine.parse("from 10.0.0.0/8").ok);
  t.false(ruleLine.parse("from 10.0.0.1/8 lookup 7").ok);
});

const HELD = `[global]
static_ipaddress[] = 10.3.0.1/24 dev eth1 noprefixroute
static_routes[] = 10.4.0.0/16 via 10.3.0.2
static_rules[] = from 10.4.0.0/16 lookup 9
${INSTANCE}virtual_ipaddress_excluded[] = 10.0.0.101 peer 10.0.0.102/30 preferred_lft forever no_track
virtual_ipaddress_excluded[] = fe80::7/64 home -nodad preferred_lft 0
virtual_routes[] = blackhole 10.5.0.0/16
virtual_rules[] = from 10.0.0.101 lookup 9
virtual_rules[] = from 10.0.0.102 lookup 9 priority 5
promote_secondaries = yes
`;

test("readNative() makes what is held of the lines, and printConfig() reads as the same", (t) => {
  const config = configOf(HELD);
  const holds = config.vrrpInstances[0]?.holds;
  t.deepEqual(
    [...config.statics.rules, ...(holds?.rules ?? [])].map(({ priority }) => priority),
    [16_384, 16_383, 5],
    "without a priority it counts down",
  );
  t.like(holds?.excluded[0], {
    interface: "eth0",
    prefixLength: 30,
    peer: "10.0.0.102",
    preferredLftS: null,
    noTrack: true,
  });
  t.like(holds?.excluded[1], { home: true, dad: true, preferredLftS: 0 });
  t.true(holds?.promoteSecondaries);
  t.deepEqual(configOf(printConfig(config)), config);
});

test("what is held twice, or nowhere, is refused", (t) => {
  t.deepEqual(linesOf(`${INSTANCE}virtual_ipaddress_excluded[] = 10.0.0.100\n`), [
    "5: Cannot use virtual_ipaddress_excluded 10.0.0.100 twice: line 4 has it already",
  ]);
  t.deepEqual(linesOf("[global]\nstatic_ipaddress[] = 10.3.0.1/24\n"), [
    '2: Cannot use static_ipaddress 10.3.0.1 without "dev IF": neither an instance nor default_interface says where it belongs',
  ]);
  t.regex(linesOf(`${INSTANCE}virtual_ipaddress_excluded[] = 10.0.0.9 home\n`).join(), /IPv6/);
});

test("a link-local address of IPv6 beside IPv4 ones is on the interface itself, VMAC or not: two of them are one", (t) => {
  const excluded = "use_vmac = yes\nvirtual_ipaddress_excluded[] = fe80::1/64\n";
  const other = INSTANCE.replace("VI_1", "VI_2").replace("51", "52").replace(".100/", ".101/");
  const two = `${INSTANCE}${excluded}${other}${excluded}`;
  t.deepEqual(linesOf(two), [
    "12: Cannot use virtual_ipaddress_excluded fe80::1 twice: [vrrp_instance.VI_1] (line 6) has it already",
  ]);
  const six = two.replace(/10\.0\.0\.10(\d)\/24/g, "fe80::10$1/64");
  t.false(
    linesOf(six).some((line) => line.includes("twice")),
    "each VMAC is a link of its own",
  );
});
