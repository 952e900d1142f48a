// The kernel's links and addresses, kept up to date by events. It tells that something changed, not what it means.

import {
  type Address,
  decodeAddress,
  listAddresses,
  RTM_DELADDR,
  RTM_NEWADDR,
} from "./addresses.ts";
import { decodeLink, type Link, listLinks, RTM_DELLINK, RTM_NEWLINK } from "./links.ts";
import type { Netlink, NetlinkMessage } from "./netlink.ts";
import { openRouteEvents } from "./route-events.ts";

export type Network = {
  readonly link: (name: string) => Link | undefined;
  readonly linkByIndex: (index: number) => Link | undefined;
  readonly addresses: () => readonly Address[];
  readonly addressesOf: (interfaceIndex: number) => readonly Address[];
  readonly overruns: () => number;
  readonly close: () => void;
};

export type NetworkListener = {
  /** Links or addresses changed; several changes of one moment are one call. */
  readonly onChange: () => void;
  /** An address went away, told at once. */
  readonly onAddressGone: (address: Address) => void;
};

export function openNetwork(netlink: Netlink, listener: NetworkListener): Network {
  let links = new Map<number, Link>();
  let addresses = new Map<string, Address>();
  let overruns = 0;
  let told = true;

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
    addresses = new Map(listAddresses(netlink).map((address) => [keyOf(address), address]));
    for (const [key, address] of before) if (!addresses.has(key)) listener.onAddressGone(address);
  }

  function onMessage(message: NetlinkMessage): void {
    if (message.type === RTM_NEWLINK || message.type === RTM_DELLINK) {
      const link = decodeLink(message);
      if (link === undefined) return;
      if (message.type === RTM_NEWLINK) links.set(link.index, link);
      else links.delete(link.index);
      changed();
    }
    if (message.type === RTM_NEWADDR || message.type === RTM_DELADDR) {
      const address = decodeAddress(message);
      if (address === undefined) return;
      if (message.type === RTM_NEWADDR) addresses.set(keyOf(address), address);
      else if (addresses.delete(keyOf(address))) listener.onAddressGone(address);
      changed();
    }
  }

  function changed(): void {
    if (!told) return;
    told = false;
    queueMicrotask(() => {
      told = true;
      listener.onChange();
    });
  }

  resync();
  return {
    link: (name) => [...links.values()].find((link) => link.name === name),
    linkByIndex: (index) => links.get(index),
    addresses: () => [...addresses.values()],
    addressesOf: (index) =>
      [...addresses.values()].filter(({ interfaceIndex }) => interfaceIndex === index),
    overruns: () => overruns,
    close: () => events.close(),
  };
}

function keyOf({ interfaceIndex, address, prefixLength }: Address): string {
  return `${interfaceIndex} ${address}/${prefixLength}`;
}
