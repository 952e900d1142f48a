// Network interfaces, as rtnetlink(7) tells them. linux/if_link.h, linux/if.h.

import { type MessageWriter, readAttributes, textOf, u32Of } from "./attributes.ts";
import { isKernelError } from "./errors.ts";
import type { Netlink } from "./netlink.ts";
import type { NetlinkMessage } from "./netlink-messages.ts";
import { IFF_UP, IFINFOMSG_BYTES, IFLA_ADDRESS, IFLA_IFNAME, IFLA_MASTER } from "./numbers.ts";

export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
const IFF_RUNNING = 0x40;

export type Link = {
  readonly index: number;
  readonly name: string;
  /** Administratively: IFF_UP. */
  readonly up: boolean;
  /** Administratively up and with carrier: IFF_UP and IFF_RUNNING, as keepalived judges it. */
  readonly running: boolean;
  /** Six bytes on Ethernet. */
  readonly mac: Uint8Array;
  /** Of the bridge, bond or VRF that it is a part of. */
  readonly masterIndex?: number | undefined;
};

export function listLinks(netlink: Netlink): readonly Link[] {
  return netlink
    .dump({ type: RTM_GETLINK, flags: 0, body: emptyIfinfo })
    .map(decodeLink)
    .filter((link) => link !== undefined);
}

/** undefined = there is none of this name. */
export function readLink(netlink: Netlink, name: string): Link | undefined {
  const answer = askForLink(netlink, name);
  return answer && decodeLink(answer);
}

export function askForLink(netlink: Netlink, which: string | number): NetlinkMessage | undefined {
  try {
    return netlink.request({
      type: RTM_GETLINK,
      flags: 0,
      body(writer) {
        const head = Buffer.alloc(IFINFOMSG_BYTES);
        if (typeof which === "number") head.writeInt32LE(which, 4);
        writer.raw(head);
        if (typeof which === "string") writer.text(IFLA_IFNAME, which);
      },
    })[0];
  } catch (error) {
    if (isKernelError(error, "ENODEV")) return undefined;
    throw error;
  }
}

/** The link of an RTM_NEWLINK or RTM_DELLINK message. */
export function decodeLink({ body }: NetlinkMessage): Link | undefined {
  if (body.length < IFINFOMSG_BYTES) return undefined;
  const attributes = readAttributes(body, IFINFOMSG_BYTES);
  const name = textOf(attributes.get(IFLA_IFNAME));
  if (name === undefined) return undefined;
  const flags = body.readUInt32LE(8);
  return {
    index: body.readInt32LE(4),
    name,
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) !== 0,
    mac: Uint8Array.from(attributes.get(IFLA_ADDRESS) ?? []),
    masterIndex: u32Of(attributes.get(IFLA_MASTER)),
  };
}

function emptyIfinfo(writer: MessageWriter): void {
  writer.raw(Buffer.alloc(IFINFOMSG_BYTES));
}
