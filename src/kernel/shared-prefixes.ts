// The kernel's routes of IPv6 prefixes: all addresses of one prefix on one interface share one (net/ipv6/addrconf.c).

import { familyOf, isSameNetwork } from "../lib/ip.ts";
import type { Address } from "./addresses.ts";

type Place = Pick<Address, "interfaceIndex" | "address" | "prefixLength">;

export type SharedPrefixes = {
  /** Others have the same prefix, and its route expires with them. */
  readonly isShared: (at: Place) => boolean;
  /** The others are not the same any more. */
  readonly forget: () => void;
};

export function openSharedPrefixes(
  othersOf: (interfaceIndex: number) => readonly Address[],
): SharedPrefixes {
  /** By interface: those that have such a route. Few, or none. */
  const routed = new Map<number, readonly Address[]>();

  function routedOf(index: number): readonly Address[] {
    const known = routed.get(index) ?? othersOf(index).filter(({ route }) => route !== null);
    routed.set(index, known);
    return known;
  }

  return {
    isShared({ interfaceIndex, address, prefixLength }) {
      if (familyOf(address) !== 6) return false;
      const beside = routedOf(interfaceIndex).filter(
        (each) =>
          each.prefixLength === prefixLength && isSameNetwork(each.address, address, prefixLength),
      );
      return beside.length > 0 && beside.every(({ route }) => route === "expires");
    },
    forget: () => routed.clear(),
  };
}
