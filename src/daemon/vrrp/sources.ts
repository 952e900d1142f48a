// Which of an interface's addresses adverts leave with.

import type { Address } from "../../kernel/addresses.ts";
import type { Network } from "../../kernel/network.ts";
import type { AdvertWay } from "../../vrrp/model.ts";

export type SourceOptions = {
  readonly family?: AdvertWay["family"];
  /** null = an address of the interface. */
  readonly configuredSource?: string | null;
  readonly network: Network;
  /** Virtual addresses, which are no source of adverts: whoever is not master does not have them. */
  readonly isVirtual: (address: string) => boolean;
  /** Those of an owner here (RFC 5798 §6.1, priority 255): they are the machine's own, as far as duet did not put them on. */
  readonly isOwned?: (address: string) => boolean;
};

const RT_SCOPE_LINK = 253;

export function sourceOf(options: SourceOptions, interfaceIndex: number): string | undefined {
  const { network, configuredSource = null, isVirtual, isOwned = () => false } = options;
  if (configuredSource !== null) {
    const present = usable(options, network.addresses());
    return present.find(({ address }) => address === configuredSource)?.address;
  }
  const present = usable(options, network.addressesOf(interfaceIndex));
  const own = present.filter((each) => isOwned(each.address) && network.whoseAt(each) !== "duet");
  const stays = present.filter(({ address }) => !isVirtual(address));
  return bestOf(options, stays) ?? bestOf(options, own);
}

/** The machine's own address that would do if it were not configured as a virtual one. */
export function virtualOwn(options: SourceOptions, interfaceIndex: number): string | undefined {
  const { network, configuredSource = null } = options;
  if (configuredSource !== null) return undefined;
  const present = usable(options, network.addressesOf(interfaceIndex));
  return bestOf(
    options,
    present.filter((each) => network.whoseAt(each) === "machine"),
  );
}

function bestOf({ family }: SourceOptions, addresses: readonly Address[]): string | undefined {
  // RFC 5798 §5.1.2.1: in IPv6 it is the link-local address.
  if (family === 6) return addresses.find(({ scope }) => scope === RT_SCOPE_LINK)?.address;
  // In IPv4 the first global one, a link-local one only for want of another.
  const best = [...addresses.filter(({ secondary }) => !secondary), ...addresses];
  return (best.find(({ scope }) => scope < RT_SCOPE_LINK) ?? best[0])?.address;
}

function usable({ family }: SourceOptions, addresses: readonly Address[]): readonly Address[] {
  return addresses.filter(
    ({ address, tentative }) => address.includes(":") === (family === 6) && !tentative,
  );
}
