// Whether an address could be put on at all, asked before a master is elected: one that takes over and holds nothing
// is worse than none. Pure: what is so on this machine comes in as an argument.

import { familyOf } from "../lib/ip.ts";
import type { Vip } from "./model.ts";

export type Place = {
  /** CAP_NET_ADMIN, without which the kernel answers EPERM to every change: capabilities(7). */
  readonly hasNetAdmin: boolean;
  readonly hasLink: (name: string) => boolean;
  /** net.ipv6.conf.IF.disable_ipv6 is 1, or this kernel has no IPv6: it answers EACCES. */
  readonly isWithoutIpv6: (name: string) => boolean;
};

/** undefined = nothing is known that would keep it off. */
export function whyNotHeld(
  { address, interface: device }: Vip,
  { hasNetAdmin, hasLink, isWithoutIpv6 }: Place,
): string | undefined {
  if (!hasNetAdmin) return "duet runs without CAP_NET_ADMIN";
  if (!hasLink(device)) return `interface ${device} does not exist`;
  if (familyOf(address) === 6 && isWithoutIpv6(device)) {
    return `net.ipv6.conf.${device}.disable_ipv6 is 1`;
  }
  return undefined;
}
