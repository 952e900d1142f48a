// Puts things on and takes them off, one batch a change, and makes the frames that announce addresses.
// "Already so" is success.

import { forwardsIpv6 } from "../../kernel/forwarding.ts";
import type { Netlink, Request } from "../../kernel/netlink.ts";
import { removeAllLike } from "../../kernel/removals.ts";
import { encodeGratuitousArp } from "../../wire/arp.ts";
import { encodeUnsolicitedAdvertisement } from "../../wire/ndisc.ts";
import type { Thing, Vip } from "../model.ts";
import { type LinkOf, putOn, type Readied, type SharesRoute, takeOff } from "./things.ts";

export type { LinkOf } from "./things.ts";

export type Failure = {
  readonly thing: Thing;
  readonly cause: string;
  /** The interface went while it was used: who watches links hears of that too. */
  readonly interfaceGone: boolean;
};

export type Applied = {
  /** What was not so before. */
  readonly changed: readonly Thing[];
  readonly failed: readonly Failure[];
};

export type Frame = { readonly interfaceIndex: number; readonly bytes: Uint8Array };

/** In this order. `leaseS` of addresses: see lease.ts; null = they stay. */
export function addThings(
  netlink: Netlink,
  things: readonly Thing[],
  linkOf: LinkOf,
  leaseS: number | null,
  sharesRoute: SharesRoute = () => false,
): Applied {
  const ready = (thing: Thing): Readied =>
    putOn(thing, linkOf, { leaseS, renew: false, sharesRoute });
  return apply(netlink, things, ready, ["EEXIST"]);
}

/** Addresses for another `leaseS` seconds; a route or rule that went away unseen comes back. */
export function renewThings(
  netlink: Netlink,
  things: readonly Thing[],
  linkOf: LinkOf,
  leaseS: number | null,
  sharesRoute: SharesRoute = () => false,
): Applied {
  const ready = (thing: Thing): Readied =>
    putOn(thing, linkOf, { leaseS, renew: true, sharesRoute });
  return apply(netlink, things, ready, ["EEXIST"], "is fine");
}

/** The last one first. With a route or rule all of ours go that its removal names: see kernel/removals.ts. */
export function removeThings(netlink: Netlink, things: readonly Thing[], linkOf: LinkOf): Applied {
  const ready = (thing: Thing): Readied => takeOff(thing, linkOf);
  const alreadySo = ["EADDRNOTAVAIL", "ENODEV", "ESRCH", "ENOENT"];
  const applied = apply(netlink, things.toReversed(), ready, alreadySo, "is fine");
  const again = applied.changed.filter(isMarked).map(ready);
  removeAllLike(
    netlink,
    again.flatMap((readied) => (readied.ok ? readied.requests : [])),
  );
  return applied;
}

/** A route with a protocol of the operator's shares that with the machine, so its removal may name one of the machine's. */
function isMarked(thing: Thing): boolean {
  return thing.kind === "rule" || (thing.kind === "route" && thing.route.protocol === null);
}

/** The removals as requests in the order in which to send them, for whoever has to do so later. */
export function removalsOf(
  things: readonly Thing[],
  linkOf: LinkOf,
): readonly { readonly thing: Thing; readonly request: Request }[] {
  return things.toReversed().flatMap((thing) => {
    const readied = takeOff(thing, linkOf);
    return readied.ok ? readied.requests.map((request) => ({ thing, request })) : [];
  });
}

/** One gratuitous ARP, or unsolicited neighbour advertisement, for every VIP whose interface is up and has an Ethernet address. */
export function announcementFrames(vips: readonly Vip[], linkOf: LinkOf): readonly Frame[] {
  return vips.flatMap((vip) => {
    const link = linkOf(vip.interface);
    if (link?.mac.length !== 6 || !link.running) return [];
    const bytes = vip.address.includes(":")
      ? encodeUnsolicitedAdvertisement(link.mac, vip.address, forwardsIpv6(link.name))
      : encodeGratuitousArp(link.mac, vip.address);
    return [{ interfaceIndex: link.index, bytes }];
  });
}

function apply(
  netlink: Netlink,
  things: readonly Thing[],
  ready: (thing: Thing) => Readied,
  alreadySo: readonly string[],
  missing: "fails" | "is fine" = "fails",
): Applied {
  const known: { readonly thing: Thing; readonly request: Request }[] = [];
  const failed: Failure[] = [];
  for (const thing of things) {
    const readied = ready(thing);
    if (readied.ok) for (const request of readied.requests) known.push({ thing, request });
    else if (missing === "fails")
      failed.push({
        thing,
        cause: `interface ${readied.missing} does not exist`,
        interfaceGone: false,
      });
  }
  const errors = netlink.batch(known.map(({ request }) => request));
  const changed = new Set<Thing>();
  const refused = new Map<Thing, Failure>();
  known.forEach(({ thing }, i) => {
    const error = errors.get(i);
    if (error === undefined) changed.add(thing);
    else if (!alreadySo.includes(error.code)) {
      const interfaceGone = error.code === "ENODEV";
      refused.set(thing, { thing, cause: error.message, interfaceGone });
    }
  });
  return { changed: [...changed], failed: [...failed, ...refused.values()] };
}
