// Where adverts come from and go to, and the family of an instance.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import type { AdvertWay } from "../../src/vrrp/model.ts";
import { toGroup } from "../vrrp/router.ts";
import { configOf, INSTANCE, linesOf } from "./helpers.ts";

const INET6 = INSTANCE.replace(
  "10.0.0.100/24",
  "fe80::64/64\nvirtual_ipaddress[] = 2001:DB8:0::64",
);
function wayOf(text: string): AdvertWay | undefined {
  return configOf(text).vrrpInstances[0]?.way;
}

test("without peers adverts go to the group, from mcast_src_ip", (t) => {
  t.deepEqual(wayOf(INSTANCE), toGroup);
  const text = `${INSTANCE}mcast_src_ip = 10.0.0.1\n`;
  t.deepEqual(wayOf(text), { ...toGroup, source: "10.0.0.1" });
});

test("peers with their TTLs; the source is checked unless that is turned off", (t) => {
  const text = `${INSTANCE}unicast_src_ip = 10.0.0.1\nunicast_peer[] = 10.0.0.2\nunicast_ttl = 9\n`;
  const peer = { address: "10.0.0.2", ttlMin: 0, ttlMax: 255 };
  const way = { ...toGroup, source: "10.0.0.1", peers: [peer], unicastTtl: 9, peersOnly: true };
  t.deepEqual(wayOf(text), way);
  t.deepEqual(wayOf(`${text}check_unicast_src = no\n`), { ...way, peersOnly: false });
  const limited = text.replace("10.0.0.2", "10.0.0.2 min_ttl 8 max_ttl 9");
  t.deepEqual(wayOf(`${limited}check_unicast_src = no\n`), {
    ...way,
    peers: [{ ...peer, ttlMin: 8, ttlMax: 9 }],
  });
});

test("an IPv6 instance is version 3 where nothing else is said, its addresses are canonical", (t) => {
  const { vrrp, way, vips } = configOf(INET6).vrrpInstances[0] ?? {};
  t.is(vrrp?.version, 3);
  t.is(way?.family, 6);
  t.deepEqual(vrrp?.addresses, ["fe80::64", "2001:db8::64"]);
  t.deepEqual(
    vips?.map(({ prefixLength }) => prefixLength),
    [64, 128],
  );
  t.deepEqual(linesOf(INET6), []);
});

for (const lines of [
  "mcast_src_ip = 10.0.0.1",
  "mcast_dst_ip = 224.0.0.77\nversion = 3\nv3_checksum_as_v2 = yes\nskip_check_adv_addr = yes",
  "unicast_fault_no_peer = yes\nunicast_src_ip = 10.0.0.1",
  "strict_mode = yes\nowner_ignore_adverts = yes",
  "[global]\nvrrp_mcast_group4 = 224.0.0.77\nlog_unknown_vrids = yes\nvrrp_strict = yes",
  "unicast_peer[] = 10.0.0.2 max_ttl 9\nunicast_peer[] = 10.0.0.3 min_ttl 1",
  "unicast_src_ip = 10.0.0.1\nunicast_peer[] = 10.0.0.2\nunicast_ttl = 1\ncheck_unicast_src = no",
]) {
  test(`printConfig() writes it so that it is read as the same: ${JSON.stringify(lines)}`, (t) => {
    const config = configOf(`${INSTANCE}${lines}\n`);
    t.deepEqual(configOf(printConfig(config)), config);
  });
}

test("printConfig() of an IPv6 instance is read as the same", (t) => {
  const config = configOf(`${INET6}unicast_peer[] = fe80::2\n`);
  t.deepEqual(configOf(printConfig(config)), config);
});

const second = (text: string, peer: string): string =>
  `${text.replace("VI_1", "VI_2").replaceAll("64", "65").replace(".100", ".101")}${peer}`;

test("one vrid serves an IPv4 and an IPv6 instance, and different peers", (t) => {
  t.deepEqual(linesOf(INSTANCE + second(INET6, "")), []);
  const peers = `${INSTANCE}unicast_peer[] = 10.0.0.2\n`;
  t.deepEqual(linesOf(peers + second(INSTANCE, "unicast_peer[] = 10.0.0.3\n")), []);
  t.deepEqual(linesOf(peers + second(INSTANCE, "")), []);
});

test("the group: mcast_dst_ip, then that of the family in [global]; one vrid serves several groups", (t) => {
  const globals =
    "[global]\nvrrp_mcast_group4 = 224.0.0.99\nvrrp_mcast_group6 = ff02::99\ndynamic_interfaces\n";
  t.is(wayOf(globals + INSTANCE)?.group, "224.0.0.99");
  t.is(wayOf(globals + INET6)?.group, "ff02::99");
  t.is(wayOf(`${globals}${INSTANCE}mcast_dst_ip = 224.0.0.77\n`)?.group, "224.0.0.77");
  t.is(wayOf(`${globals}${INSTANCE}unicast_peer[] = 10.0.0.2\n`)?.group, "224.0.0.18");
  const two = INSTANCE + second(INSTANCE, "mcast_dst_ip = 224.0.0.77\n");
  t.deepEqual(linesOf(two), []);
  t.is(linesOf(INSTANCE + second(INSTANCE, "mcast_dst_ip = 224.0.0.18\n")).length, 1);
});

test("what an instance does not say, [global] does; off is off (keepalived takes it for on)", (t) => {
  const globals =
    "[global]\nvrrp_version = 3\nv3_checksum_as_v2\nvrrp_owner_ignore_adverts\nvrrp_skip_check_adv_addr\n";
  const off = "v3_checksum_as_v2 = off\nowner_ignore_adverts = off\nskip_check_adv_addr = off\n";
  for (const [text, on] of [
    [globals + INSTANCE, true],
    [globals + INSTANCE + off, false],
    [`[global]\nvrrp_version = 3\n${INSTANCE}`, false],
  ] as const) {
    t.is(wayOf(text)?.checksumAsV2, on);
    const { ownerIgnoresAdverts, comparesOnce } =
      configOf(text).vrrpInstances[0]?.vrrp.policy ?? {};
    t.deepEqual([ownerIgnoresAdverts, comparesOnce], [on, on]);
    t.deepEqual(linesOf(text), []);
  }
});

test("no_virtual_ipaddress: nothing is told, the family is that of the source", (t) => {
  const text = INSTANCE.replace("virtual_ipaddress[] = 10.0.0.100/24", "no_virtual_ipaddress");
  t.deepEqual(configOf(text).vrrpInstances[0]?.vrrp.addresses, []);
  t.is(wayOf(`${text}mcast_src_ip = fe80::1\n`)?.family, 6);
});

test("unicast_fault_no_peer: without peers nothing goes to the group", (t) => {
  const text = `${INSTANCE}unicast_fault_no_peer\nunicast_src_ip = 10.0.0.1\n`;
  t.deepEqual(wayOf(text), { ...toGroup, needsPeer: true, source: "10.0.0.1", peersOnly: true });
});

test("default_interface is where a static address belongs that has no dev", (t) => {
  const config = configOf(
    `${INSTANCE}[global]\ndefault_interface = eth7\nstatic_ipaddress[] = 10.3.0.1/24\n`,
  );
  t.is(config.statics.vips[0]?.interface, "eth7");
});

for (const [advertInt, version, ok] of [
  ["40.95", 3, true],
  ["40.96", 3, false],
  ["0.01", 3, true],
  ["0.015", 3, false],
  ["255", 2, true],
  ["1.5", 2, false],
] as const) {
  test(`advert_int ${advertInt} is ${ok ? "taken" : "refused"} in version ${version}`, (t) => {
    const problems = linesOf(`${INSTANCE}advert_int = ${advertInt}\nversion = ${version}\n`);
    t.is(problems.length, ok ? 0 : 1, problems.join());
  });
}

const right = "ADDRESS [min_ttl N] [max_ttl N]";
for (const [lines, says] of [
  [
    "unicast_ttl = 0\nunicast_peer[] = 10.0.0.2",
    "5: Cannot use unicast_ttl 0: it must be 1 to 255",
  ],
  [
    "unicast_peer[] = 10.0.0.2 ttl 3",
    `5: Cannot use unicast_peer "10.0.0.2 ttl 3": it must be ${right}, not "ttl"`,
  ],
  [
    "unicast_peer[] = 224.0.0.18",
    `5: Cannot use unicast_peer "224.0.0.18": it must be ${right}, and ADDRESS is the address of one host, such as 10.0.0.1 or 2001:db8::1`,
  ],
  [
    "unicast_peer[] = 10.0.0.2 min_ttl 9 max_ttl 8",
    `5: Cannot use unicast_peer "10.0.0.2 min_ttl 9 max_ttl 8": it must be ${right}, and min_ttl no more than max_ttl`,
  ],
  [
    "unicast_peer[] = 10.0.0.2\nunicast_peer[] = 10.0.0.2",
    "6: Cannot use unicast_peer 10.0.0.2 twice: line 5 has it already",
  ],
  ["unicast_peer[] = fe80::2", "5: Cannot use unicast_peer fe80::2: the instance is IPv4"],
  [
    "unicast_src_ip = 10.0.0.1",
    "5: Cannot use unicast_src_ip without unicast_peer[] or unicast_fault_no_peer: adverts would go to the multicast group (mcast_src_ip is their source; with unicast_fault_no_peer it is a FAULT)",
  ],
  [
    "mcast_src_ip = 10.0.0.100",
    "5: Cannot use mcast_src_ip 10.0.0.100: it is a virtual address, which a backup does not have",
  ],
  ["mcast_dst_ip = ff02::12", "5: Cannot use mcast_dst_ip ff02::12: the instance is IPv4"],
  [
    "mcast_dst_ip = 10.0.0.9",
    '5: Cannot use mcast_dst_ip "10.0.0.9": it must be a multicast address such as 224.0.0.18, or an IPv6 one that stays on the link, such as ff02::12',
  ],
  [
    "mcast_dst_ip = ff05::12",
    '5: Cannot use mcast_dst_ip "ff05::12": it must be a multicast address such as 224.0.0.18, or an IPv6 one that stays on the link, such as ff02::12',
  ],
  [
    "unicast_peer[] = 10.0.0.2\nmcast_dst_ip = 224.0.0.19",
    "6: warning: Cannot use mcast_dst_ip with unicast_peer[], it is ignored: adverts to peers have no group",
  ],
  [
    "v3_checksum_as_v2 = yes",
    "5: warning: Cannot make use of v3_checksum_as_v2: version 2 has no other checksum",
  ],
  [
    "owner_ignore_adverts = yes",
    "5: warning: Cannot make use of owner_ignore_adverts: only priority 255 is the owner of the addresses",
  ],
  [
    "track_src_ip = no",
    "5: warning: Cannot make use of track_src_ip: without its source address an instance is in FAULT always",
  ],
  [
    "[global]\ndynamic_interfaces = no",
    "6: warning: Cannot keep dynamic_interfaces = no, it is ignored: an instance waits for its interface in FAULT",
  ],
  [
    "[global]\nvrrp_mcast_group6 = 224.0.0.18",
    '6: Cannot use vrrp_mcast_group6 "224.0.0.18": it must be a multicast address that stays on the link, such as ff02::12',
  ],
  [
    "unicast_ttl = 3",
    "5: warning: Cannot use unicast_ttl without unicast_peer[], it is ignored: adverts to the group have 255",
  ],
  [
    "virtual_ipaddress[] = 2001:db8::1",
    "5: Cannot use virtual_ipaddress 2001:db8::1 in [vrrp_instance.VI_1]: its first address is IPv4, and an advert tells addresses of one family (use a second instance, and a sync group of both)",
  ],
] as const) {
  test(`readNative() says: ${says}`, (t) => {
    t.deepEqual(linesOf(`${INSTANCE}${lines}\n`), [says]);
  });
}

test("version 2 that is written is refused with IPv6", (t) => {
  t.deepEqual(linesOf(`${INET6}version = 2\n`), [
    "6: Cannot use version 2 with IPv6 addresses: it must be 3 (RFC 5798)",
  ]);
});

test("a first IPv6 address that is not link-local is a warning", (t) => {
  const [line, ...others] = linesOf(INSTANCE.replace("10.0.0.100/24", "2001:db8::64/64"));
  t.regex(
    line ?? "",
    /^4: warning: The first IPv6 address of \[vrrp_instance\.VI_1\] is not link-local/,
  );
  t.deepEqual(others, []);
});

test("a peer beyond the link needs a source that reaches it", (t) => {
  t.deepEqual(linesOf(`${INET6}unicast_peer[] = 2001:db8::2\n`), [
    "6: Cannot use unicast_peer 2001:db8::2: from a link-local source it cannot be reached, add unicast_src_ip",
  ]);
});

test("more IPv6 addresses than fit into one packet are refused", (t) => {
  const many = Array.from({ length: 91 }, (_, i) => `virtual_ipaddress[] = fe80::1:${i}\n`).join(
    "",
  );
  const text = INSTANCE.replace("virtual_ipaddress[] = 10.0.0.100/24\n", many);
  t.deepEqual(linesOf(text), [
    "94: Cannot tell 91 IPv6 addresses in one advert: an instance holds up to 90",
  ]);
});
