// What an interface is to its addresses: up, a loopback, with or without ARP. linux/if.h.

import type { MessageWriter } from "./attributes.ts";
import { decodeLink, RTM_GETLINK } from "./links.ts";
import type { Netlink } from "./netlink.ts";
import { IFINFOMSG_BYTES } from "./numbers.ts";

const IFF_LOOPBACK = 0x8;
const IFF_NOARP = 0x80;

export type Interface = {
  readonly index: number;
  readonly name: string;
  /** Administratively. */
  readonly up: boolean;
  readonly loopback: boolean;
  /** Answers ARP for addresses of this machine, as its settings let it. */
  readonly arp: boolean;
};

export function listInterfaces(netlink: Netlink): readonly Interface[] {
  const body = (writer: MessageWriter): void => writer.raw(Buffer.alloc(IFINFOMSG_BYTES));
  return netlink.dump({ type: RTM_GETLINK, flags: 0, body }).flatMap((message) => {
    const link = decodeLink(message);
    if (link === undefined) return [];
    const flags = message.body.readUInt32LE(8);
    const loopback = (flags & IFF_LOOPBACK) !== 0;
    return {
      index: link.index,
      name: link.name,
      up: link.up,
      loopback,
      arp: !loopback && (flags & IFF_NOARP) === 0,
    };
  });
}
