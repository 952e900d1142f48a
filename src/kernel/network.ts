// The kernel's links and addresses, kept up to date by events. It tells that something changed, not what it means.

import { isDeepStrictEqual } from "node:util";
import {
  type Address,
  addressPlace,
  decodeAddress,
  keepsMarks,
  listAddresses,
  RTM_DELADDR,
  RTM_NEWADDR,
  type Whose,
  whoseIs,
} from "./addresses.ts";
import { decodeLink, type Link, listLinks, RTM_DELLINK, RTM_NEWLINK, readLink } from "./links.ts";
import type { Netlink } from "./netlink.ts";
import type { NetlinkMessage } from "./netlink-messages.ts";
import { openRouteEvents } from "./route-events.ts";
import { openSharedPrefixes } from "./shared-prefixes.ts";

export type Network = {
  readonly link: (name: string) => Link | undefined;
  readonly links: () => readonly Link[];
  readonly linkByIndex: (index: number) => Link | undefined;
  readonly addresses: () => readonly Address[];
  readonly addressesOf: (interfaceIndex: number) => readonly Address[];
  /** Who put on what is in the place of this address; undefined = nothing is there. */
  readonly whoseAt: (
    at: Pick<Address, "interfaceIndex" | "address" | "prefixLength">,
  ) => Whose | undefined;
  /** IPv6: this machine has addresses of its own in the same network, and their route expires with them. */
  readonly sharesRoute: (
    at: Pick<Address, "interfaceIndex" | "address" | "prefixLength">,
  ) => boolean;
  /** Looks at one link now, without waiting for its event. */
  readonly look: (name: string) => void;
  readonly overruns: () => number;
  readonly close: () => void;
};

/** An address that is not there any more; `portId` of who asked for that, as far as it was heard. */
export type GoneAddress = { readonly address: Address; readonly portId: number | null };

export type NetworkListener = {
  /** Addresses went away; first of both, several of one moment are one call. */
  readonly onAddressesGone: (gone: readonly GoneAddress[]) => void;
  /** Links or addresses changed; several changes of one moment are one call. */
  readonly onChange: () => void;
};

export function openNetwork(netlink: Netlink, listener: NetworkListener): Network {
  let links = new Map<number, Link>();
  let linksByName = new Map<string, Link>();
  /** By interface, then by what makes two of them the same. */
  let addresses = new Map<number, Map<string, Address>>();
  let gone: GoneAddress[] = [];
  let overruns = 0;
  let told = true;
  let marks = false;
  const all = (index: number): Address[] => [...(addresses.get(index)?.values() ?? [])];
  const others = (index: number) => all(index).filter((each) => whoseIs(each, marks) !== "duet");
  const shared = openSharedPrefixes(others);

  // Events first, then the dump: what changes in between is heard twice rather than never.
  const events = openRouteEvents({
    onMessage,
    onOverrun() {
      overruns += 1;
      resync();
      changed();
    },
  });

  function resync(): void {
    const before = addresses;
    links = new Map(listLinks(netlink).map((link) => [link.index, link]));
    linksByName = new Map(Array.from(links.values(), (link) => [link.name, link]));
    addresses = new Map();
    const present = listAddresses(netlink);
    marks ||= keepsMarks(present);
    for (const address of present) put(address);
    for (const [index, each] of before) {
      for (const [key, address] of each) {
        if (addresses.get(index)?.has(key) !== true) gone.push({ address, portId: null });
      }
    }
  }

  function onMessage(message: NetlinkMessage): void {
    if (message.type === RTM_NEWLINK || message.type === RTM_DELLINK) {
      const link = decodeLink(message);
      if (link !== undefined) onLink(link, message.type === RTM_NEWLINK);
    }
    if (message.type === RTM_NEWADDR || message.type === RTM_DELADDR) {
      const address = decodeAddress(message);
      if (address !== undefined) onAddress(address, message);
    }
  }

  function onLink(link: Link, isThere: boolean): void {
    const before = links.get(link.index);
    if (isThere && before !== undefined && isDeepStrictEqual(before, link)) return;
    if (before !== undefined) {
      links.delete(link.index);
      if (linksByName.get(before.name) === before) linksByName.delete(before.name);
    }
    if (isThere) {
      links.set(link.index, link);
      linksByName.set(link.name, link);
    }
    changed();
  }

  // A lease that is renewed is told as a new address, a thousand times a second on a large director: no change.
  function onAddress(address: Address, { type, portId }: NetlinkMessage): void {
    const isThere = type === RTM_NEWADDR;
    const known = addresses.get(address.interfaceIndex);
    const key = addressPlace(address);
    const before = known?.get(key);
    if (isThere) {
      if (before !== undefined && isDeepStrictEqual(before, address)) return;
      put(address);
    } else if (known?.delete(key) === true) {
      if (known.size === 0) addresses.delete(address.interfaceIndex);
      gone.push({ address, portId });
    }
    changed();
  }

  function put(address: Address): void {
    const known = addresses.get(address.interfaceIndex) ?? new Map<string, Address>();
    known.set(addressPlace(address), address);
    addresses.set(address.interfaceIndex, known);
  }

  function changed(): void {
    shared.forget();
    if (!told) return;
    told = false;
    queueMicrotask(() => {
      told = true;
      const away = gone;
      gone = [];
      if (away.length > 0) listener.onAddressesGone(away);
      listener.onChange();
    });
  }

  resync();
  return {
    link: (name) => linksByName.get(name),
    links: () => [...links.values()],
    linkByIndex: (index) => links.get(index),
    addresses: () => Array.from(addresses.values(), (each) => [...each.values()]).flat(),
    addressesOf: all,
    whoseAt(at) {
      const address = addresses.get(at.interfaceIndex)?.get(addressPlace(at));
      return address && whoseIs(address, marks);
    },
    sharesRoute: shared.isShared,
    look(name) {
      const link = readLink(netlink, name);
      const before = linksByName.get(name);
      if (before !== undefined && before.index !== link?.index) onLink(before, false);
      if (link !== undefined) onLink(link, true);
    },
    overruns: () => overruns,
    close: () => events.close(),
  };
}
