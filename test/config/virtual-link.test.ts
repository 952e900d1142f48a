import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import type { VirtualLink } from "../../src/vip/model.ts";
import { configOf, INSTANCE, linesOf } from "./helpers.ts";

const SIX = INSTANCE.replace("10.0.0.100/24", "fe80::100/64").replace("VI_1", "VI_6");

function linkOf(text: string): VirtualLink | null | undefined {
  const config = configOf(text);
  readsTheSame(config);
  return config.vrrpInstances[0]?.link;
}

/** Throws when what is printed reads differently. */
function readsTheSame(config: ReturnType<typeof configOf>): void {
  const again = configOf(printConfig(config));
  if (JSON.stringify(again) !== JSON.stringify(config)) throw new Error(printConfig(config));
}

test("use_vmac alone is keepalived's: vrrp.VRID, 00:00:5e:00:01:VRID", (t) => {
  const plain = { kind: "macvlan", xmitBase: false, group: null };
  t.deepEqual(linkOf(`${INSTANCE}use_vmac`), {
    ...plain,
    name: "vrrp.51",
    mac: "00:00:5e:00:01:33",
  });
  t.deepEqual(linkOf(`${INSTANCE}use_vmac = yes`), linkOf(`${INSTANCE}use_vmac`));
  t.is(linkOf(`${INSTANCE}use_vmac = no`), null);
  t.like(linkOf(`${SIX}use_vmac`), { name: "vrrp6.51", mac: "00:00:5e:00:02:33" });
  t.like(linkOf(`[global]\nvmac_prefix = vip\n${INSTANCE}use_vmac`), { name: "vip.51" });
});

test("use_vmac takes a name, a MAC of 5 or 6 octets and a group, in any order", (t) => {
  t.like(linkOf(`${INSTANCE}use_vmac = vmac7`), { name: "vmac7", mac: "00:00:5e:00:01:33" });
  t.like(linkOf(`${INSTANCE}use_vmac = name group group 7`), { name: "group", group: 7 });
  t.like(linkOf(`${INSTANCE}use_vmac = 2:0:0:0:0:A vmac7`), {
    name: "vmac7",
    mac: "02:00:00:00:00:0a",
  });
  t.like(linkOf(`${INSTANCE}use_vmac = 02:00:00:00:00`), { mac: "02:00:00:00:00:33" });
});

for (const [line, says] of [
  ["use_vmac = a b", /it must be yes, no or \[\[name\] IF\]/],
  ["use_vmac = group", /it must be yes, no or/],
  ["use_vmac = group x", /it must be yes, no or/],
  ["use_vmac = 01:00:5e:00:00:01", /MAC is 5 or 6 octets of one host/],
  ["use_vmac = 02:00:00", /MAC is 5 or 6 octets of one host/],
  ["use_vmac = a-name-that-is-long", /1 to 15 letters/],
  ["use_ipvlan = a 10.0.0.1 10.0.0.2", /it must be yes, no or/],
  ["use_ipvlan = bridge vepa", /it must be yes, no or .*, with one bridge\|private\|vepa$/],
  ["use_ipvlan = 10.0.0.1 10.0.0.2", /, with one ADDRESS\[\/LENGTH\]$/],
  ["use_vmac\nuse_ipvlan", /Cannot use use_vmac and use_ipvlan in one vrrp_instance/],
  ["use_vmac = eth0", /use_vmac eth0: it is the interface of \[vrrp_instance.VI_1\]/],
  [
    "vmac_xmit_base",
    /warning: Cannot use vmac_xmit_base without use_vmac or use_ipvlan, it is ignored/,
  ],
] as const) {
  test(`${line.replace("\n", ", ")} is not left without a word`, (t) => {
    t.regex(linesOf(`${INSTANCE}${line}`).join("\n"), says);
  });
}

test("use_ipvlan takes a name, an address, a mode and a group", (t) => {
  const plain = { kind: "ipvlan", xmitBase: false, group: null };
  t.deepEqual(linkOf(`${INSTANCE}use_ipvlan`), {
    ...plain,
    name: "vrrp.51",
    mode: "bridge",
    address: null,
  });
  t.deepEqual(linkOf(`${INSTANCE}use_ipvlan = ipv7 10.0.0.7/24 vepa group 3`), {
    ...plain,
    name: "ipv7",
    mode: "vepa",
    address: { address: "10.0.0.7", prefixLength: 24 },
    group: 3,
  });
});

test("addresses without dev, or with that of the instance, are on the virtual link; others are where they say", (t) => {
  const config = configOf(
    `${INSTANCE}use_vmac
virtual_ipaddress[] = 10.0.0.101/24 dev eth0
virtual_ipaddress[] = 10.0.0.102/24 dev eth1
virtual_ipaddress_excluded[] = 10.0.0.103
virtual_ipaddress_excluded[] = 2001:db8::3`,
  );
  readsTheSame(config);
  const [instance] = config.vrrpInstances;
  t.deepEqual(
    [...(instance?.vips ?? []), ...(instance?.holds.excluded ?? [])].map((vip) => vip.interface),
    ["vrrp.51", "vrrp.51", "eth1", "vrrp.51", "eth0"],
  );
});

test("with peers adverts leave by the interface below, as in keepalived", (t) => {
  t.true(linkOf(`${INSTANCE}use_vmac\nunicast_peer[] = 10.0.0.2`)?.xmitBase);
});

test("two instances share neither a name, nor a MAC, nor an interface of two kinds", (t) => {
  const [one, other] = ["VI_2", "10.0.0.110/24"];
  const second = INSTANCE.replace("VI_1", one).replace("10.0.0.100/24", other);
  const both = (first: string, more: string): string => `${INSTANCE}${first}\n${second}${more}`;
  const elsewhere = second.replace("eth0", "eth1");
  t.regex(
    linesOf(`${INSTANCE}use_vmac\n${elsewhere}use_vmac`).join(),
    /10: Cannot use use_vmac vrrp.51 twice: \[vrrp_instance.VI_1\] \(line 5\) has it already \(write another name, such as "use_vmac = name vrrp.51.eth1"\)/,
  );
  t.deepEqual(linesOf(`${INSTANCE}use_vmac\n${elsewhere}use_vmac = other`), []);
  const vrid52 = (more: string): string =>
    both("use_vmac", more).replace(/51(?=[^]*$)(?![^]*51)/, "52");
  t.regex(linesOf(vrid52("use_ipvlan")).join(), /an interface carries one kind of them/);
  t.regex(
    linesOf(vrid52("use_vmac = 00:00:5e:00:01:33")).join(),
    /Cannot use the MAC 00:00:5e:00:01:33 twice/,
  );
});

test("strict_mode: adverts leave with the virtual MAC", (t) => {
  const text = `${INSTANCE}use_vmac\nvmac_xmit_base\nstrict_mode`;
  t.regex(linesOf(text).join(), /6: warning: Cannot keep vmac_xmit_base with strict_mode/);
  t.false(configOf(text).vrrpInstances[0]?.link?.xmitBase);
  const custom = `${INSTANCE}use_vmac = 02:00:00:00:00:01\nstrict_mode`;
  t.regex(linesOf(custom).join(), /5: warning: Cannot keep the MAC of use_vmac with strict_mode/);
  t.like(configOf(custom).vrrpInstances[0]?.link, { mac: "00:00:5e:00:01:33" });
});

test("use_vmac_addr gives what is on another interface, or of the other family, one with the virtual MAC", (t) => {
  const text = `${INSTANCE}use_vmac_addr
virtual_ipaddress[] = 10.2.0.9/24 dev eth1
virtual_ipaddress_excluded[] = 10.2.0.10/24 dev eth1
virtual_ipaddress_excluded[] = 2001:db8::9/64 dev eth0
virtual_ipaddress_excluded[] = 2001:db8::8/64 dev eth1
`;
  const config = configOf(text);
  readsTheSame(config);
  const [instance] = config.vrrpInstances;
  t.is(instance?.link, null);
  t.deepEqual(
    instance?.addressLinks.map(({ name, below, mac }) => `${name}@${below} ${mac}`),
    [
      "vrrp.51@eth1 00:00:5e:00:01:33",
      "vrrp6.51@eth0 00:00:5e:00:02:33",
      "vrrp1.51@eth1 00:00:5e:00:02:33",
    ],
  );
  t.deepEqual(
    [...(instance?.vips ?? []), ...(instance?.holds.excluded ?? [])].map(
      ({ address, interface: device }) => `${address} ${device}`,
    ),
    [
      "10.0.0.100 eth0",
      "10.2.0.9 vrrp.51",
      "10.2.0.10 vrrp.51",
      "2001:db8::9 vrrp6.51",
      "2001:db8::8 vrrp1.51",
    ],
  );
});

test("use_vmac on the line of an address does it for that one; the names that are taken are not used", (t) => {
  const text = `[global]\nvmac_addr_prefix = vip\n${INSTANCE}use_vmac = name vip.51
virtual_ipaddress[] = 10.2.0.9/24 dev eth1 use_vmac
virtual_ipaddress[] = 10.2.0.10/24 dev eth2
virtual_ipaddress[] = 10.0.0.9/24 use_vmac
`;
  const config = configOf(text);
  readsTheSame(config);
  t.deepEqual(
    config.vrrpInstances[0]?.vips.map(({ interface: device }) => device),
    ["vip.51", "vip1.51", "eth2", "vip.51"],
  );
});

test("one virtual MAC is not twice on an interface, nor beside an ipvlan", (t) => {
  const second = INSTANCE.replace("VI_1", "VI_2").replace("eth0", "eth1").replace(".100/", ".101/");
  const away = "virtual_ipaddress[] = 10.2.0.9/24 dev eth1\n";
  t.deepEqual(linesOf(`${INSTANCE}use_vmac_addr\n${away}${second}use_vmac\n`), [
    "11: Cannot use the MAC 00:00:5e:00:01:33 twice: [vrrp_instance.VI_1] (line 5) has it on the same interface",
  ]);
  t.deepEqual(linesOf(`${INSTANCE}use_vmac_addr\n${away}${second}use_ipvlan\n`), [
    "11: Cannot use use_ipvlan beside the use_vmac_addr of [vrrp_instance.VI_1] (line 5): an interface carries one kind of them",
  ]);
});
