// The interface of a virtual router's own: how it is made from what is configured, whether one that is there is it, and the
// kernel's settings that it needs. Pure.

import type { NewVirtualLink, ReadLink } from "../kernel/virtual-links.ts";
import { modeOf } from "../kernel/virtual-links.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { VirtualLink } from "./model.ts";

export type Setting = { readonly path: string; readonly value: number };

export function newLinkOf(link: VirtualLink, parentIndex: number): NewVirtualLink {
  const { name, group } = link;
  switch (link.kind) {
    case "macvlan":
      return { kind: "macvlan", name, parentIndex, group, mac: link.mac };
    case "ipvlan":
      return { kind: "ipvlan", name, parentIndex, group, mode: link.mode };
    default:
      return unreachable(link);
  }
}

/**
 * A link of this name is there. "same": it can be used as it is; "left over": by an earlier run, or by keepalived, and may be
 * replaced; "foreign": somebody else's.
 */
export function judgeLink(
  there: ReadLink,
  wanted: NewVirtualLink,
): "same" | "left over" | "foreign" {
  const sameKind = there.kind === wanted.kind && there.parentIndex === wanted.parentIndex;
  const sameMac = wanted.kind !== "macvlan" || there.mac === wanted.mac;
  if (!there.isMarked) return sameKind && sameMac ? "left over" : "foreign";
  const sameGroup = wanted.group === null || wanted.group === there.group;
  const same = sameKind && sameMac && sameGroup && there.mode === modeOf(wanted);
  return same ? "same" : "left over";
}

/** Of the link itself: they go with it. */
export function ownSettings(name: string, family: 4 | 6): readonly Setting[] {
  const four = (setting: string, value: number): Setting => ({
    path: `net/ipv4/conf/${name}/${setting}`,
    value,
  });
  const six = (setting: string, value: number): Setting => ({
    path: `net/ipv6/conf/${name}/${setting}`,
    value,
  });
  // It does not answer for the addresses of other interfaces.
  const alone = four("arp_ignore", 1);
  if (family === 4) {
    return [
      alone,
      // Real servers that answer with the virtual address may have it as their gateway.
      four("accept_local", 1),
      // Loose: the way back is by the interface below. The larger one of this and "all" counts, so "all" may stay strict.
      four("rp_filter", 2),
      four("promote_secondaries", 1),
      six("disable_ipv6", 1),
    ];
  }
  return [
    alone,
    six("disable_ipv6", 0),
    // No address but the virtual ones: a link-local one made of the virtual MAC would be that of both nodes.
    six("addr_gen_mode", 1),
    six("accept_ra", 0),
    six("autoconf", 0),
    six("router_solicitations", 0),
    six("accept_dad", 0),
  ];
}

/** Of the interface below, at least so much while the link is there. */
export function parentSettings(parent: string, family: 4 | 6): readonly Setting[] {
  // IPv6 knows which interface an address is on.
  if (family === 6) return [];
  return [
    // It does not answer for the virtual addresses, with its own MAC.
    { path: `net/ipv4/conf/${parent}/arp_ignore`, value: 1 },
    // Nor does it ask for others with them, from which others would learn its own MAC.
    { path: `net/ipv4/conf/${parent}/arp_announce`, value: 2 },
  ];
}
