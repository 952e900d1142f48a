import test from "ava";
import { judge } from "../../src/realserver/judge.ts";
import type { Actual, HeldAddress, Role } from "../../src/realserver/model.ts";

const VIP = "10.0.0.100";
const role: Role = { vips: [VIP], via: null };

type Parts = {
  readonly settings?: Readonly<Record<string, string>>;
  readonly addresses?: readonly string[];
  readonly defaults?: readonly (string | null)[];
  readonly tunnel?: "up" | "down";
};

function machine({
  settings = {},
  addresses = [],
  defaults = ["10.0.0.1"],
  tunnel,
}: Parts): Actual {
  const names = ["lo", "eth0", "eth1", ...(tunnel === undefined ? [] : ["tunl0", "ip6tnl0"])];
  const values = ["all", "default", ...names].flatMap((device) => [
    [`net/ipv4/conf/${device}/arp_ignore`, device === "all" ? "1" : "0"] as const,
    [`net/ipv4/conf/${device}/arp_announce`, device === "all" ? "2" : "0"] as const,
    [`net/ipv4/conf/${device}/rp_filter`, "0"] as const,
  ]);
  const changed = Object.entries(settings).map(
    ([key, value]) => [`net/ipv4/conf/${key}`, value] as const,
  );
  return {
    interfaces: names.map((name, i) => ({
      index: i + 1,
      name,
      up: !name.includes("tnl") && !name.includes("tunl") ? true : tunnel === "up",
      loopback: name === "lo",
      arp: name.startsWith("eth"),
    })),
    addresses: addresses.map(addressOf),
    settings: new Map([...values, ...changed]),
    defaults: defaults.map((via, i) => ({
      family: via?.includes(":") === true ? 6 : 4,
      via,
      interfaceIndex: 2,
      severalHops: false,
      metric: i,
      protocol: 3,
      body: "",
      isOurs: false,
    })),
  };
}

/** "10.0.0.100/32 lo" */
function addressOf(text: string): HeldAddress {
  const [, address = "", length, device = ""] = /^(\S+)\/(\d+) (\S+)$/.exec(text) ?? [];
  return { device, address, prefixLength: Number(length), isOurs: false };
}

function judged(
  t: { readonly log: (text: string) => void },
  mode: "dr" | "tun" | "nat",
  of: Role,
  parts: Parts,
) {
  const problems = judge(mode, of, machine(parts));
  for (const { is, should, repair } of problems) t.log(`${is} | ${should} | ${repair}`);
  return problems.map(({ code, severity }) => (severity === "error" ? code : `${code} (warning)`));
}

test("DR: the address on lo, silent", (t) => {
  t.deepEqual(judged(t, "dr", role, { addresses: [`${VIP}/32 lo`] }), []);
  t.deepEqual(
    judged(t, "dr", role, { addresses: [`${VIP}/32 lo`], settings: { "all/arp_ignore": "8" } }),
    [],
  );
});

for (const [what, parts, codes] of [
  ["no address", {}, ["vip_missing"]],
  ["on an interface too", { addresses: [`${VIP}/32 lo`, `${VIP}/24 eth0`] }, ["vip_visible"]],
  ["a whole network on lo", { addresses: [`${VIP}/24 lo`] }, ["vip_too_wide"]],
  [
    "answers everywhere",
    { addresses: [`${VIP}/32 lo`], settings: { "all/arp_ignore": "0" } },
    ["answers_arp"],
  ],
  [
    "a reserved value of one",
    { addresses: [`${VIP}/32 lo`], settings: { "eth1/arp_ignore": "5" } },
    ["answers_arp"],
  ],
  [
    "3 answers for global addresses",
    { addresses: [`${VIP}/32 lo`], settings: { "all/arp_ignore": "3" } },
    ["answers_arp"],
  ],
  [
    "announces",
    { addresses: [`${VIP}/32 lo`], settings: { "all/arp_announce": "1" } },
    ["announces_vip"],
  ],
  [
    "a strict filter aside",
    { addresses: [`${VIP}/32 lo`], settings: { "eth1/rp_filter": "1" } },
    ["reverse_path_filter (warning)"],
  ],
  [
    "a strict filter on the way out",
    { addresses: [`${VIP}/32 lo`], settings: { "eth0/rp_filter": "1" } },
    [],
  ],
  ["no way back", { addresses: [`${VIP}/32 lo`], defaults: [] }, ["no_way_back (warning)"]],
] as const) {
  test(`DR: ${what}`, (t) => t.deepEqual(judged(t, "dr", role, parts), [...codes]));
}

test("a value that is too great is repaired where it is, a small one for all", (t) => {
  const parts = { addresses: [`${VIP}/32 lo`], settings: { "eth1/arp_ignore": "5" } };
  const [one] = judge("dr", role, machine(parts));
  t.is(one?.repair, "sysctl -w net/ipv4/conf/eth1/arp_ignore=1");
  const all = { addresses: [`${VIP}/32 lo`], settings: { "all/arp_ignore": "0" } };
  t.like(judge("dr", role, machine(all))[0], {
    is: `eth0, eth1: answers ARP requests for ${VIP} (arp_ignore is 0)`,
    should: "arp_ignore is 1",
    repair: "sysctl -w net/ipv4/conf/all/arp_ignore=1",
  });
});

test("IPv6 has no ARP: only where the address is counts", (t) => {
  const of: Role = { vips: ["2001:db8::100"], via: null };
  const settings = { "all/arp_ignore": "0", "all/arp_announce": "0" };
  const defaults = ["fe80::1"];
  t.deepEqual(judged(t, "dr", of, { settings, defaults, addresses: ["2001:db8::100/128 lo"] }), []);
  t.deepEqual(judged(t, "dr", of, { settings, defaults, addresses: ["2001:db8::100/128 eth0"] }), [
    "vip_missing",
    "vip_visible",
  ]);
});

for (const [what, parts, codes] of [
  ["all right", { tunnel: "up", addresses: [`${VIP}/32 tunl0`] }, []],
  ["no tunnel", {}, ["tunnel_missing", "vip_missing"]],
  ["down", { tunnel: "down", addresses: [`${VIP}/32 tunl0`] }, ["tunnel_down"]],
  ["without the address", { tunnel: "up", addresses: [`${VIP}/32 lo`] }, ["vip_missing"]],
  [
    "filtered by all",
    { tunnel: "up", addresses: [`${VIP}/32 tunl0`], settings: { "all/rp_filter": "1" } },
    ["tunnel_filtered"],
  ],
  [
    "filtered by itself",
    { tunnel: "up", addresses: [`${VIP}/32 tunl0`], settings: { "tunl0/rp_filter": "2" } },
    ["tunnel_filtered"],
  ],
  [
    "answers ARP",
    { tunnel: "up", addresses: [`${VIP}/32 tunl0`], settings: { "all/arp_ignore": "0" } },
    ["answers_arp"],
  ],
] as const) {
  test(`TUN: ${what}`, (t) => t.deepEqual(judged(t, "tun", role, parts), [...codes]));
}

const DIP = "10.1.0.1";
const behind: Role = { vips: [VIP], via: DIP };
const own = "10.1.0.21/24 eth0";
for (const [what, parts, codes] of [
  ["all right", { defaults: [DIP], addresses: [own] }, []],
  ["another gateway first", { defaults: ["10.1.0.254", DIP], addresses: [own] }, ["wrong_gateway"]],
  ["a device alone", { defaults: [null], addresses: [own] }, ["wrong_gateway"]],
  ["none", { defaults: [], addresses: [own] }, ["no_gateway"]],
  [
    "the virtual address here",
    { defaults: [DIP], addresses: [own, `${VIP}/32 lo`] },
    ["vip_is_here"],
  ],
  [
    "clients beside it",
    { defaults: [DIP], addresses: ["10.0.0.21/24 eth0"] },
    ["shared_network (warning)"],
  ],
  ["the gateway here", { defaults: [DIP], addresses: [`${DIP}/24 eth0`] }, ["gateway_is_here"]],
] as const) {
  test(`NAT: ${what}`, (t) => t.deepEqual(judged(t, "nat", behind, parts), [...codes]));
}
