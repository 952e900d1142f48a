// no_accept (RFC 5798 §6.1, Accept_Mode false): a master forwards for its addresses but is not reached by them. What is said
// to them or comes from them is dropped, but for neighbour discovery, without which nobody finds the router. Pure.

import { type NftElements, type NftSet, type NftTable, nameKey } from "../kernel/nft-codec.ts";
import type { Expression, Field, NftRule } from "../kernel/nft-expressions.ts";
import { addressBytes } from "../lib/ip.ts";
import type { Vip } from "./model.ts";

export type FirewallConfig = {
  /** Of the table. */
  readonly table: string;
  /** Of both chains; null = behind IPVS on the way in and in front of it on the way out, so that its services work on. */
  readonly priority: number | null;
  readonly counters: boolean;
};

// net/netfilter/ipvs/ip_vs_core.c: IPVS takes what it knows out of LOCAL_IN at 99, and gives replies of local real
// servers their virtual address in LOCAL_OUT at -99.
const BEHIND_IPVS = 101;
const BEFORE_IPVS = -101;

const IPPROTO_ICMPV6 = 58;
const NEIGHBOR_SOLICITATION = 135;
const NEIGHBOR_ADVERTISEMENT = 136;

export const INET4 = "addresses4";
export const INET6 = "addresses6";
/** A link-local address is another one on each interface. */
export const LINK_LOCAL = "link_local";

/** What firewallElements() are in. */
export const ADDRESS_SETS: readonly NftSet[] = [
  { name: INET4, key: ["ipv4_addr"] },
  { name: INET6, key: ["ipv6_addr"] },
  { name: LINK_LOCAL, key: ["ipv6_addr", "ifname"] },
];

export function firewallTable({ table, priority, counters }: FirewallConfig): NftTable {
  const drop: readonly Expression[] = counters
    ? [{ counter: true }, { verdict: "drop" }]
    : [{ verdict: "drop" }];
  const dropIn = (equals: 4 | 6, set: string, fields: readonly Field[]): NftRule => [
    { match: "nfproto", equals },
    { match: "in_set", set, fields },
    ...drop,
  ];
  return {
    name: table,
    sets: ADDRESS_SETS,
    chains: [
      {
        name: "input",
        hook: "input",
        priority: priority ?? BEHIND_IPVS,
        rules: [
          dropIn(4, INET4, ["ip_daddr"]),
          ...neighbourDiscovery,
          dropIn(6, INET6, ["ip6_daddr"]),
          dropIn(6, LINK_LOCAL, ["ip6_daddr", "iifname"]),
        ],
      },
      {
        name: "output",
        hook: "output",
        priority: priority ?? BEFORE_IPVS,
        rules: [
          dropIn(4, INET4, ["ip_saddr"]),
          ...neighbourDiscovery,
          dropIn(6, INET6, ["ip6_saddr"]),
          dropIn(6, LINK_LOCAL, ["ip6_saddr", "oifname"]),
        ],
      },
    ],
  };
}

const neighbourDiscovery = [NEIGHBOR_SOLICITATION, NEIGHBOR_ADVERTISEMENT].map(
  (equals): NftRule => [
    { match: "l4proto", equals: IPPROTO_ICMPV6 },
    { match: "icmpv6_type", equals },
    { verdict: "accept" },
  ],
);

/** Those sets of the table that these addresses are in. */
export function firewallElements(vips: readonly Vip[]): readonly NftElements[] {
  const keys = new Map<string, Uint8Array[]>();
  const put = (set: string, key: Uint8Array): void => {
    const list = keys.get(set);
    if (list === undefined) keys.set(set, [key]);
    else list.push(key);
  };
  for (const { address, interface: name } of vips) {
    const bytes = addressBytes(address);
    if (bytes.length === 4) put(INET4, bytes);
    else if (isLinkLocal(bytes)) put(LINK_LOCAL, Buffer.concat([bytes, nameKey(name)]));
    else put(INET6, bytes);
  }
  return Array.from(keys, ([set, list]) => ({ set, entries: list.map((key) => ({ key })) }));
}

/** fe80::/10 */
function isLinkLocal([first = 0, second = 0]: Uint8Array): boolean {
  return first === 0xfe && (second & 0xc0) === 0x80;
}
