// Watches which addresses this node has, for ha_suspend, and tells when one of them comes or goes. It watches nothing while
// nobody asks.

import type { Address } from "../kernel/addresses.ts";
import { NETLINK_ROUTE, openNetlink } from "../kernel/netlink.ts";
import { openNetwork } from "../kernel/network.ts";

export type Presence = {
  readonly watch: (isNeeded: boolean) => void;
  /** Always false while nothing is watched. */
  readonly has: (address: string) => boolean;
  readonly close: () => void;
};

/** The addresses of a machine; for tests, of one that is not this one. */
export type AddressSource = (onChange: () => void) => {
  readonly addresses: () => readonly Pick<Address, "address">[];
  readonly close: () => void;
};

export function openPresence(onChange: () => void, open: AddressSource = openAddresses): Presence {
  let source: ReturnType<AddressSource> | undefined;
  let present: ReadonlySet<string> = new Set();

  function read(): void {
    present = new Set(source?.addresses().map(({ address }) => address));
  }

  function changed(): void {
    const before = present;
    read();
    const isSame = before.size === present.size && [...before].every((each) => present.has(each));
    if (!isSame) onChange();
  }

  return {
    watch(isNeeded) {
      if (isNeeded === (source !== undefined)) return;
      if (isNeeded) source = open(changed);
      else {
        source?.close();
        source = undefined;
      }
      read();
    },
    has: (address) => present.has(address),
    close() {
      source?.close();
      source = undefined;
    },
  };
}

function openAddresses(onChange: () => void): ReturnType<AddressSource> {
  const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
  const network = openNetwork(netlink, { onAddressesGone: () => {}, onChange });
  return {
    addresses: network.addresses,
    close() {
      network.close();
      netlink.close();
    },
  };
}
