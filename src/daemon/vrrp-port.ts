// A port: one interface that adverts leave by and arrive on, shared by the instances of that interface. It opens
// and re-opens the sockets as the link and its address come, go and change, and says what is wrong with it.

import { isKernelError } from "../kernel/errors.ts";
import type { Network } from "../kernel/network.ts";
import {
  type Device,
  openVrrpReceiver,
  openVrrpSender,
  type VrrpSender,
} from "../kernel/vrrp-socket.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { FaultCause } from "../vrrp/model.ts";
import { decodeIpv4, type Ipv4Packet } from "../wire/ipv4.ts";
import { claimedVrid, VRRP_GROUP_IPV4 } from "../wire/vrrp.ts";

export type PortUser = {
  readonly vrid: number;
  /** The port's faults or source address changed. */
  readonly portChanged: () => void;
  readonly hear: (packet: Ipv4Packet) => void;
  /** A packet too short to say whose it is. */
  readonly hearGarbage: () => void;
};

export type Port = {
  readonly faults: () => readonly FaultCause[];
  /** The address that adverts leave with; undefined while there is none. */
  readonly source: () => string | undefined;
  /** Throws KernelError. */
  readonly send: (advert: Uint8Array) => void;
  readonly join: (user: PortUser) => void;
  /** true when nobody uses the port any more. */
  readonly leave: (user: PortUser) => boolean;
  /** Looks at the network again. */
  readonly refresh: () => void;
  readonly close: () => void;
};

const RT_SCOPE_LINK = 253;

export function openPort(options: {
  readonly interface: string;
  readonly network: Network;
  /** Virtual addresses, which are never a source of adverts. */
  readonly isVirtual: (address: string) => boolean;
  readonly log: Log;
}): Port {
  const { network } = options;
  const log = options.log.child({ interface: options.interface });
  const users = new Map<number, PortUser>();
  let device: Device | undefined;
  let source: string | undefined;
  let sender: VrrpSender | undefined;
  let receiver: { readonly close: () => void } | undefined;
  let faults: readonly FaultCause[] = ["interface_missing"];

  function refresh(): void {
    const link = network.link(options.interface);
    const address = link && sourceOf(link.index);
    const moved = link?.index !== device?.index || address !== source;
    const next = faultsOf(link?.running, address);
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
      receiver = openVrrpReceiver(device, VRRP_GROUP_IPV4, onPacket);
      if (source !== undefined) sender = openVrrpSender(device, VRRP_GROUP_IPV4, source);
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

  function onPacket(bytes: Buffer): void {
    const packet = decodeIpv4(bytes);
    if (packet === undefined) return;
    const vrid = claimedVrid(packet.payload);
    if (vrid !== undefined) users.get(vrid)?.hear(packet);
    else for (const user of users.values()) user.hearGarbage();
  }

  /** The first address of the interface that is not virtual, global ones before link-local ones. */
  function sourceOf(interfaceIndex: number): string | undefined {
    const own = network
      .addressesOf(interfaceIndex)
      .filter(({ address }) => !address.includes(":") && !options.isVirtual(address));
    const primary = own.filter(({ secondary }) => !secondary);
    const best = [...primary, ...own];
    return (best.find(({ scope }) => scope < RT_SCOPE_LINK) ?? best[0])?.address;
  }

  function tellUsers(): void {
    for (const user of users.values()) user.portChanged();
  }

  function closeSockets(): void {
    sender?.close();
    receiver?.close();
    sender = undefined;
    receiver = undefined;
  }

  refresh();
  return {
    faults: () => faults,
    source: () => source,
    send(advert) {
      if (sender === undefined) throw new Error(`Cannot send on ${options.interface}: no socket`);
      sender.send(advert);
    },
    join: (user) => void users.set(user.vrid, user),
    leave(user) {
      if (users.get(user.vrid) === user) users.delete(user.vrid);
      return users.size === 0;
    },
    refresh,
    close: closeSockets,
  };
}

function faultsOf(running: boolean | undefined, source: string | undefined): FaultCause[] {
  if (running === undefined) return ["interface_missing"];
  const faults: FaultCause[] = [];
  if (!running) faults.push("interface_down");
  if (source === undefined) faults.push("no_source_address");
  return faults;
}
