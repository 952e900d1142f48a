// Puts virtual addresses on and takes them off, one batch a change, and makes the frames that announce them.
// "Already so" is success.

import { addAddress, type NewAddress, removeAddress, renewAddress } from "../kernel/addresses.ts";
import type { KernelError } from "../kernel/errors.ts";
import { forwardsIpv6 } from "../kernel/forwarding.ts";
import type { Link } from "../kernel/links.ts";
import type { Netlink, Request } from "../kernel/netlink.ts";
import { encodeGratuitousArp } from "../wire/arp.ts";
import { encodeUnsolicitedAdvertisement } from "../wire/ndisc.ts";
import type { Scope, Vip } from "./model.ts";

/** The interface of a VIP as it is now; undefined while it does not exist. */
export type LinkOf = (name: string) => Link | undefined;

export type Applied = {
  /** What was not so before. */
  readonly changed: readonly Vip[];
  readonly failed: readonly { readonly vip: Vip; readonly cause: string }[];
};

export type Frame = { readonly interfaceIndex: number; readonly bytes: Uint8Array };

// linux/rtnetlink.h, RT_SCOPE_*
const scopeNumbers: Record<Scope, number> = {
  global: 0,
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
};

/** `leaseS`: see lease.ts. */
export function addVips(
  netlink: Netlink,
  vips: readonly Vip[],
  linkOf: LinkOf,
  leaseS: number,
): Applied {
  return apply(netlink, vips, linkOf, { request: addAddress, alreadySo: ["EEXIST"], leaseS });
}

/** For another `leaseS` seconds. */
export function renewVips(
  netlink: Netlink,
  vips: readonly Vip[],
  linkOf: LinkOf,
  leaseS: number,
): Applied {
  const present = vips.filter((vip) => linkOf(vip.interface) !== undefined);
  return apply(netlink, present, linkOf, { request: renewAddress, alreadySo: [], leaseS });
}

export function removeVips(netlink: Netlink, vips: readonly Vip[], linkOf: LinkOf): Applied {
  const present = vips.filter((vip) => linkOf(vip.interface) !== undefined);
  const alreadySo = ["EADDRNOTAVAIL", "ENODEV"];
  return apply(netlink, present, linkOf, { request: removeAddress, alreadySo, leaseS: null });
}

/** The removals of VIPs as requests, for whoever has to send them later. */
export function removalsOf(
  vips: readonly Vip[],
  linkOf: LinkOf,
): readonly { readonly vip: Vip; readonly request: Request }[] {
  return vips.flatMap((vip) => {
    const link = linkOf(vip.interface);
    return link === undefined
      ? []
      : [{ vip, request: removeAddress(kernelAddress(vip, link, null)) }];
  });
}

/** One gratuitous ARP, or unsolicited neighbour advertisement, for every VIP whose interface is there and has an Ethernet address. */
export function announcementFrames(vips: readonly Vip[], linkOf: LinkOf): readonly Frame[] {
  return vips.flatMap((vip) => {
    const link = linkOf(vip.interface);
    if (link?.mac.length !== 6) return [];
    const bytes = vip.address.includes(":")
      ? encodeUnsolicitedAdvertisement(link.mac, vip.address, forwardsIpv6(link.name))
      : encodeGratuitousArp(link.mac, vip.address);
    return [{ interfaceIndex: link.index, bytes }];
  });
}

function apply(
  netlink: Netlink,
  vips: readonly Vip[],
  linkOf: LinkOf,
  operation: {
    readonly request: (address: NewAddress) => Request;
    readonly alreadySo: readonly string[];
    readonly leaseS: number | null;
  },
): Applied {
  const known = vips.flatMap((vip) => {
    const link = linkOf(vip.interface);
    return link === undefined ? [] : [{ vip, address: kernelAddress(vip, link, operation.leaseS) }];
  });
  const missing = vips
    .filter((vip) => linkOf(vip.interface) === undefined)
    .map((vip) => ({ vip, cause: `interface ${vip.interface} does not exist` }));
  const errors = netlink.batch(known.map(({ address }) => operation.request(address)));
  const outcomes = known.map(({ vip }, i) => ({ vip, error: errors.get(i) }));
  return {
    changed: outcomes.filter(({ error }) => error === undefined).map(({ vip }) => vip),
    failed: [
      ...missing,
      ...outcomes.flatMap(({ vip, error }) => failure(vip, error, operation.alreadySo)),
    ],
  };
}

function failure(
  vip: Vip,
  error: KernelError | undefined,
  alreadySo: readonly string[],
): readonly { readonly vip: Vip; readonly cause: string }[] {
  if (error === undefined || alreadySo.includes(error.code)) return [];
  return [{ vip, cause: error.message }];
}

function kernelAddress(vip: Vip, link: Link, leaseS: number | null): NewAddress {
  const { address, prefixLength, label, broadcast } = vip;
  const scope = scopeNumbers[vip.scope];
  return { interfaceIndex: link.index, address, prefixLength, scope, label, broadcast, leaseS };
}
