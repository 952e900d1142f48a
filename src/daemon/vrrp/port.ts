// A port: where adverts leave and arrive, that is one interface, one family and one source address, shared by the
// instances that have these in common. It opens and re-opens the sockets as the link and its address come, go and
// change, and says what is wrong with it.

import { isKernelError } from "../../kernel/errors.ts";
import { openVrrpEars } from "../../kernel/vrrp-ears.ts";
import { type Device } from "../../kernel/vrrp-raw.ts";
import {
  openVrrpReceiver,
  openVrrpSender,
  type UnicastHop,
  type VrrpSender,
} from "../../kernel/vrrp-socket.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { AddressLink } from "../../vip/model.ts";
import type { FaultCause } from "../../vrrp/model.ts";
import type { IpPacket } from "../../wire/ipv4.ts";
import { claimedVrid, groupOfFamily } from "../../wire/vrrp.ts";
import { type SourceOptions, sourceOf, virtualOwn } from "./sources.ts";

export type PortUser = {
  readonly vrid: number;
  /** The port's faults or source address changed. */
  readonly portChanged: () => void;
  /** Of several with one vrid: is this packet for this one? */
  readonly wants: (packet: IpPacket) => boolean;
  readonly hear: (packet: IpPacket) => void;
  /** A packet too short to say whose it is. */
  readonly hearGarbage: () => void;
};

export type Port = {
  readonly faults: () => readonly FaultCause[];
  /** The address that adverts leave with; undefined while there is none. */
  readonly source: () => string | undefined;
  /** To the group, or to a peer. Throws KernelError. */
  readonly send: (advert: Uint8Array, to?: UnicastHop) => void;
  /** The interface that adverts leave by; `borrowed` = with an address of another one. */
  readonly exit: () => { readonly interface: string; readonly borrowed: boolean };
  /** A master is about to speak, and to hold its addresses. */
  readonly occupy: () => void;
  /** It does neither any more. */
  readonly vacate: () => void;
  /** Indexes of the interfaces that vacate() is about, for whoever has to do it in our place. */
  readonly vacating: () => readonly number[];
  /** Settings of the kernel that it needs and could not make, each with the reason. */
  readonly refused: () => readonly string[];
  readonly join: (user: PortUser) => void;
  readonly leave: (user: PortUser) => void;
  readonly isUsed: () => boolean;
  /** An owner may speak from an address that we hold too: the kernel keeps that from who does not ask for it. */
  readonly hearOwner: () => void;
  /** Of a port with interfaces of its own: these are there for addresses, beside the one that adverts leave by. */
  readonly keepAddressLinks?: (links: readonly AddressLink[]) => void;
  /** Looks at the network again. */
  readonly refresh: () => void;
  readonly close: () => void;
};

export type PortOptions = SourceOptions & {
  readonly interface: string;
  readonly group?: string;
  /** An advert of a virtual router that none of the users is. */
  readonly unknown?: (vrid: number, packet: IpPacket) => void;
  readonly log: Log;
};

export function openPort(options: PortOptions): Port {
  const { network, family = 4 } = options;
  const { group = groupOfFamily(family) } = options;
  const log = options.log.child({ interface: options.interface });
  const users = new Set<PortUser>();
  /** The same ones, by their vrid. */
  const usersOf = new Map<number, readonly PortUser[]>();
  let device: Device | undefined;
  let source: string | undefined;
  let sender: VrrpSender | undefined;
  let receiver: { readonly close: () => void } | undefined;
  let ears: { readonly close: () => void } | undefined;
  let faults: readonly FaultCause[] = ["interface_missing"];

  function refresh(): void {
    const link = network.link(options.interface);
    const address = link && sourceOf(options, link.index);
    const moved = link?.index !== device?.index || address !== source;
    const virtual =
      address === undefined && link !== undefined ? virtualOwn(options, link.index) : undefined;
    const next = faultsOf(link?.running, address, virtual);
    if (!moved && next.join() === faults.join()) return;
    const wasUsable = faults.length === 0;
    faults = next;
    // A master that loses its port says goodbye with the old sockets while it still can.
    if (wasUsable && next.length > 0) tellUsers();
    if (moved) reopen(link && { name: link.name, index: link.index }, address);
    tellUsers();
  }

  function reopen(nextDevice: Device | undefined, address: string | undefined): void {
    closeSockets();
    device = nextDevice;
    source = address;
    if (device === undefined) return;
    try {
      receiver = openVrrpReceiver(device, group, onPacket);
      if (source !== undefined) sender = openVrrpSender(device, group, source);
    } catch (error) {
      // The link may have gone in between: then an event follows. Anything else the operator must see.
      const gone = isKernelError(error, "ENODEV", "EADDRNOTAVAIL");
      log[gone ? "debug" : "error"]({ error: errorText(error) }, "sockets not opened");
      closeSockets();
      device = undefined;
      source = undefined;
      faults = ["interface_missing"];
    }
  }

  function hearOwner(): void {
    if (ears !== undefined || device === undefined || family === 6) return;
    try {
      ears = openVrrpEars(device, (packet) => {
        if (options.isVirtual(packet.source) && isHere(packet.source)) onPacket(packet);
      });
    } catch (error) {
      log.error({ error: errorText(error) }, "owners of our addresses are not heard");
    }
  }

  function isHere(address: string): boolean {
    return network.addresses().some((each) => each.address === address);
  }

  function onPacket(packet: IpPacket): void {
    if (options.isVirtual(packet.source)) hearOwner();
    const vrid = claimedVrid(packet.payload);
    if (vrid === undefined) {
      for (const user of users) user.hearGarbage();
      return;
    }
    const claimed = usersOf.get(vrid);
    if (claimed === undefined) {
      options.unknown?.(vrid, packet);
      return;
    }
    // What nobody wants is rejected, and counted, by one of them.
    const wants = claimed.length === 1 ? undefined : claimed.find((user) => user.wants(packet));
    (wants ?? claimed[0])?.hear(packet);
  }

  function tellUsers(): void {
    for (const user of users) user.portChanged();
  }

  function closeSockets(): void {
    sender?.close();
    receiver?.close();
    ears?.close();
    sender = undefined;
    receiver = undefined;
    ears = undefined;
  }

  refresh();
  return {
    faults: () => faults,
    source: () => source,
    send(advert, to) {
      if (sender === undefined) throw new Error(`Cannot send on ${options.interface}: no socket`);
      sender.send(advert, to);
    },
    exit: () => ({ interface: options.interface, borrowed: false }),
    occupy: () => {},
    vacate: () => {},
    vacating: () => [],
    refused: () => [],
    join(user) {
      users.add(user);
      usersOf.set(user.vrid, [...(usersOf.get(user.vrid) ?? []), user]);
    },
    leave(user) {
      users.delete(user);
      usersOf.set(
        user.vrid,
        (usersOf.get(user.vrid) ?? []).filter((each) => each !== user),
      );
    },
    isUsed: () => users.size > 0,
    hearOwner,
    refresh,
    close: closeSockets,
  };
}

function faultsOf(
  running: boolean | undefined,
  source: string | undefined,
  virtual: string | undefined,
): FaultCause[] {
  if (running === undefined) return ["interface_missing"];
  const faults: FaultCause[] = [];
  if (!running) faults.push("interface_down");
  if (source === undefined) {
    faults.push(virtual === undefined ? "no_source_address" : `source_is_virtual:${virtual}`);
  }
  return faults;
}
