// vrf: adverts to peers, by whatever interface of a VRF they are routed by.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { configOf, linesOf } from "./helpers.ts";

const TEXT = `[vrrp_instance.VI_1]
vrf = blue
virtual_router_id = 51
unicast_src_ip = 10.0.0.1
unicast_peer[] = 10.0.0.2
virtual_ipaddress[] = 10.0.0.100/24 dev eth0
`;

test("vrf takes the place of interface", (t) => {
  const config = configOf(TEXT);
  t.is(config.vrrpInstances[0]?.vrrp.interface, "blue");
  t.is(config.vrrpInstances[0]?.vips[0]?.interface, "eth0");
  t.deepEqual(config, configOf(TEXT.replace("vrf", "interface")));
  t.deepEqual(configOf(printConfig(config)), config);
});

for (const [title, text, says] of [
  [
    "beside an interface",
    `${TEXT}interface = eth0`,
    "7: Cannot use interface and vrf in one vrrp_instance: leave one of them out",
  ],
  [
    "with a virtual interface",
    `${TEXT}use_vmac`,
    "7: Cannot use use_vmac and vrf in one vrrp_instance: leave one of them out",
  ],
  [
    "without a source",
    TEXT.replace(/unicast_src.*\n/, ""),
    "2: Cannot use vrf without unicast_src_ip: no interface says where adverts come from",
  ],
  [
    "with a source that is of one link",
    TEXT.replace("10.0.0.1\n", "fe80::1\n")
      .replace("10.0.0.2", "fe80::2")
      .replace("10.0.0.100/24", "fe80::9/64"),
    "4: Cannot use unicast_src_ip fe80::1 with vrf: a link-local address is one of a link, and any may be taken (write another address, or interface in place of vrf)",
  ],
  [
    "with an address that is on no interface",
    `${TEXT}virtual_ipaddress_excluded[] = 10.0.0.101`,
    '7: Cannot use 10.0.0.101 without "dev IF" where vrf blue stands for the interface: it must say which one it is on',
  ],
  [
    "of a virtual router that another one is",
    `${TEXT}${TEXT.replace("VI_1", "VI_2")
      .replace("10.0.0.100", "10.0.0.101")
      .replaceAll(/unicast_peer.*/g, "unicast_peer[] = 10.0.0.2")}`,
    "9: Cannot use virtual_router_id 51 on blue twice: [vrrp_instance.VI_1] (line 1) has it already",
  ],
] as const) {
  test(`vrf ${title} is refused`, (t) => {
    t.deepEqual(linesOf(text), [says]);
  });
}

test("a VRF that is no VRF is refused, and one that is not here is told", (t) => {
  const flags = new Map([
    ["eth0", 0x1003],
    ["blue", 0x4c1],
  ]);
  const machine = { deviceFlags: (device: string): number | null => flags.get(device) ?? null };
  t.deepEqual(linesOf(TEXT, machine), []);
  t.deepEqual(linesOf(TEXT.replace("blue", "eth0"), machine), [
    "2: Cannot use vrf eth0: it is no VRF on this machine (write interface = eth0 where adverts leave by it)",
  ]);
  t.deepEqual(linesOf(TEXT.replace("blue", "red"), machine), [
    "2: warning: There is no interface red on this machine: [vrrp_instance.VI_1] is in FAULT until it comes",
  ]);
});
