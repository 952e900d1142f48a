// A lease of milliseconds that the kernel enforces. While it runs, everything passes by one look-up. When nobody renewed it, this
// machine neither answers for the virtual addresses nor speaks for them, whether their process is stopped, dead or about to wake up
// in the middle of a word: ARP and neighbour discovery, packets to and from the addresses, adverts. Priority 0 may always be said.
// The silence ends by itself, long after the addresses went, so that a program that takes the place of a killed duet is heard.
//
// Frames that leave by a packet socket pass none of these chains, so the announcer looks at the lease itself. This file is pure.

import { type NftChain, type NftElements, type NftTable, nameKey } from "../kernel/nft-codec.ts";
import type { Expression, Field, NftRule } from "../kernel/nft-expressions.ts";
import type { ElementsAt, LeaseChange } from "../kernel/nft-leases.ts";
import { ADDRESS_SETS, firewallElements, INET4, INET6, LINK_LOCAL } from "./firewall.ts";
import type { Vip } from "./model.ts";

/** By which the adverts of one virtual router are known. */
export type AdvertMark = {
  /** They leave by it. */
  readonly interface: string;
  readonly vrid: number;
};

/** Before everything of others: connection tracking is at -200, IPVS at 99 and -99. */
const PRIORITY = -310;

const IPPROTO_ICMPV6 = 58;
const IPPROTO_VRRP = 112;
const NEIGHBOR_SOLICITATION = 135;
const NEIGHBOR_ADVERTISEMENT = 136;
const RELEASE = Uint8Array.of(0);

const ALIVE = "alive";
const HELD = "held";

// enum nf_inet_hooks has no set that any packet is in: the family of the packet, or of ARP, is the key.
const NFPROTO_ARP = 3;
const NFPROTO_IPV4 = 2;
const NFPROTO_IPV6 = 10;

const CLOCKS = [ALIVE, HELD].map((name) => ({ name, key: ["nf_proto"], expires: true }) as const);
const DROP: readonly Expression[] = [{ counter: true }, { verdict: "drop" }];
const PASS: readonly NftRule[] = [
  [{ match: "in_set", set: ALIVE, fields: ["nfproto"] }, { verdict: "accept" }],
  [{ match: "not_in_set", set: HELD, fields: ["nfproto"] }, { verdict: "accept" }],
];

/** Of one name, in both families. */
export function leaseTables(name: string, adverts: readonly AdvertMark[]): readonly NftTable[] {
  return [
    {
      name,
      family: "inet",
      sets: [...CLOCKS, ...ADDRESS_SETS],
      chains: [inetChain("input", []), inetChain("output", advertRules(adverts))],
    },
    {
      name,
      family: "arp",
      sets: [...CLOCKS, { name: INET4, key: ["ipv4_addr"] }],
      chains: [arpChain("input", "arp_tpa"), arpChain("output", "arp_spa")],
    },
  ];
}

function inetChain(hook: "input" | "output", more: readonly NftRule[]): NftChain {
  const [ip4, ip6, interfaceName] =
    hook === "input"
      ? (["ip_daddr", "ip6_daddr", "iifname"] as const)
      : (["ip_saddr", "ip6_saddr", "oifname"] as const);
  const dropped = (equals: 4 | 6, set: string, fields: readonly Field[]): NftRule => [
    { match: "nfproto", equals },
    { match: "in_set", set, fields },
    ...DROP,
  ];
  const type = hook === "input" ? NEIGHBOR_SOLICITATION : NEIGHBOR_ADVERTISEMENT;
  const unfound = (set: string, fields: readonly Field[]): NftRule => [
    { match: "l4proto", equals: IPPROTO_ICMPV6 },
    { match: "icmpv6_type", equals: type },
    { match: "in_set", set, fields },
    ...DROP,
  ];
  return {
    name: hook,
    hook,
    priority: PRIORITY,
    rules: [
      ...PASS,
      ...more,
      dropped(4, INET4, [ip4]),
      dropped(6, INET6, [ip6]),
      dropped(6, LINK_LOCAL, [ip6, interfaceName]),
      unfound(INET6, ["nd_target"]),
      unfound(LINK_LOCAL, ["nd_target", interfaceName]),
    ],
  };
}

/** A rule each, as nft 1.0.6 aborts over a set that has the virtual router in its key. They are looked at without a lease only. */
function advertRules(adverts: readonly AdvertMark[]): readonly NftRule[] {
  if (adverts.length === 0) return [];
  const vrrp: Expression = { match: "l4proto", equals: IPPROTO_VRRP };
  return [
    [vrrp, { match: "vrrp_priority", from: RELEASE, to: RELEASE }, { verdict: "accept" }],
    ...adverts.map(({ interface: device, vrid }): NftRule => {
      const name = nameKey(device);
      const id = Uint8Array.of(vrid);
      const ofRouter: Expression = { match: "vrrp_vrid", from: id, to: id };
      return [vrrp, { match: "oifname", from: name, to: name }, ofRouter, ...DROP];
    }),
  ];
}

function arpChain(hook: "input" | "output", field: Field): NftChain {
  const silent: NftRule = [{ match: "in_set", set: INET4, fields: [field] }, ...DROP];
  return { name: hook, hook, priority: PRIORITY, rules: [...PASS, silent] };
}

/** Of the tables of this name. */
export function leasedElements(name: string, vips: readonly Vip[]): readonly ElementsAt[] {
  const elements = firewallElements(vips);
  return [
    ...elements.map((each) => ({ at: { name, family: "inet" } as const, elements: each })),
    ...elements
      .filter(({ set }) => set === INET4)
      .map((each) => ({ at: { name, family: "arp" } as const, elements: each })),
  ];
}

/**
 * The lease runs for `timeoutMs` from now on; `heldMs`: for how long it is silent at most without it, null = as was said before. A
 * `flush` and an `add` of one transaction, for one that ran out and is not collected is not replaced.
 */
export function renewal(name: string, timeoutMs: number, heldMs: number | null): LeaseChange {
  const inet = { name, family: "inet" } as const;
  const arp = { name, family: "arp" } as const;
  const clocks = [
    [ALIVE, timeoutMs],
    [HELD, heldMs],
  ] as const;
  const running = clocks.flatMap(([set, ms]) => (ms === null ? [] : [{ set, ms }]));
  const elements = (set: string, ms: number, protocols: readonly number[]): NftElements => ({
    set,
    entries: protocols.map((protocol) => ({ key: Uint8Array.of(protocol), timeoutMs: ms })),
  });
  return {
    flush: running.flatMap(({ set }) => [
      { at: inet, set },
      { at: arp, set },
    ]),
    add: running.flatMap(({ set, ms }) => [
      { at: inet, elements: elements(set, ms, [NFPROTO_IPV4, NFPROTO_IPV6]) },
      { at: arp, elements: elements(set, ms, [NFPROTO_ARP]) },
    ]),
  };
}
