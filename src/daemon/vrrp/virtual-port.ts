// The port of a virtual router with interfaces of its own. Adverts leave by its own link, where it has one, and else by the
// interface below. They arrive on the one below, but for those whose source is the very MAC of our link while that is up: the
// kernel gives them to it.

import type { AddressLink, VirtualLink } from "../../vip/model.ts";
import type { FaultCause } from "../../vrrp/model.ts";
import { type LinkSocketsParts, openLinkSockets } from "./link-sockets.ts";
import type { Port, PortUser } from "./port.ts";
import type { LinkKeeper } from "./virtual-link.ts";

export type OwnLink = VirtualLink & Pick<AddressLink, "below" | "family">;

export type VirtualPortParts = Pick<LinkSocketsParts, "group" | "log"> & {
  /** Of the interface below. */
  readonly base: Port;
  /** null = it has links for addresses alone. */
  readonly own: OwnLink | null;
  readonly openKeeper: (link: OwnLink) => LinkKeeper;
};

export function openVirtualPort(options: VirtualPortParts): Port {
  const { base, own, openKeeper } = options;
  const users = new Set<PortUser>();
  const keeper = own === null ? undefined : openKeeper(own);
  const sockets =
    own && keeper && openLinkSockets({ ...options, link: own, index: keeper.index, users });
  /** Of addresses, by what they are. */
  const others = new Map<string, LinkKeeper>();
  const keepers = (): readonly LinkKeeper[] => [...(keeper ? [keeper] : []), ...others.values()];
  let isOccupied = false;
  const speaksBelow = own === null || own.xmitBase;

  function source(): string | undefined {
    const address = own?.kind === "ipvlan" && !own.xmitBase ? own.address : null;
    return address?.address ?? base.source();
  }

  function faults(): readonly FaultCause[] {
    const lacking = base.faults().filter((each) => !isAboutSource(each) || source() === undefined);
    return keepers().some((each) => each.isMissing())
      ? [...lacking, "virtual_interface_missing"]
      : lacking;
  }

  function refresh(): void {
    const changed = keepers().filter((each) => each.refresh());
    if (keeper !== undefined && changed.includes(keeper)) sockets?.reopen();
    if (changed.length > 0) for (const user of users) user.portChanged();
  }

  refresh();
  return {
    faults,
    source,
    exit: () => (speaksBelow ? base.exit() : { interface: own.name, borrowed: true }),
    send(advert, to) {
      if (speaksBelow) base.send(advert, to);
      else sockets?.send(source(), advert, to);
    },
    occupy() {
      isOccupied = true;
      for (const each of keepers()) each.raise();
    },
    vacate() {
      isOccupied = false;
      for (const each of keepers()) each.lower();
    },
    vacating: () => keepers().flatMap((each) => each.indexUp()),
    refused: () => keepers().flatMap((each) => each.refused()),
    join(user) {
      users.add(user);
      base.join(user);
    },
    leave(user) {
      users.delete(user);
      base.leave(user);
    },
    isUsed: () => users.size > 0,
    hearOwner: base.hearOwner,
    keepAddressLinks(links) {
      for (const opened of keepOnly(others, links, openKeeper)) {
        opened.refresh();
        if (isOccupied) opened.raise();
      }
    },
    refresh,
    close() {
      for (const each of keepers()) each.close();
      // When the link is gone: a socket that leaves its group would say so with the virtual MAC.
      queueMicrotask(() => sockets?.close());
    },
  };
}

/** Those that stay are not touched. Gives the new ones. */
function keepOnly(
  keepers: Map<string, LinkKeeper>,
  links: readonly AddressLink[],
  open: (link: OwnLink) => LinkKeeper,
): readonly LinkKeeper[] {
  const wanted = new Map(links.map((each) => [JSON.stringify(each), each]));
  for (const [key, each] of keepers) {
    if (wanted.has(key)) continue;
    each.close();
    keepers.delete(key);
  }
  const opened: LinkKeeper[] = [];
  for (const [key, link] of wanted) {
    if (keepers.has(key)) continue;
    const keeper = open(link);
    keepers.set(key, keeper);
    opened.push(keeper);
  }
  return opened;
}

function isAboutSource(fault: FaultCause): boolean {
  return fault === "no_source_address" || fault.startsWith("source_is_virtual:");
}
