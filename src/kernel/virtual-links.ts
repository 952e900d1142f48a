// macvlan and ipvlan interfaces: made, marked, read, put up and down, removed. linux/if_link.h. Requests are values, as those of
// addresses.ts.

import { formatMac, parseMac } from "../lib/mac.ts";
import { type MessageWriter, readAttributes, textOf, u32Of } from "./attributes.ts";
import { askForLink, decodeLink, RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK } from "./links.ts";
import { type Netlink, NLM_F_CREATE, NLM_F_EXCL, type Request } from "./netlink.ts";
import type { NetlinkMessage } from "./netlink-messages.ts";
import { IFF_UP, IFINFOMSG_BYTES, IFLA_ADDRESS, IFLA_IFNAME, IFLA_MASTER } from "./numbers.ts";

const IFLA_LINK = 5;
const IFLA_LINKINFO = 18;
const IFLA_IFALIAS = 20;
const IFLA_GROUP = 27;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_MACVLAN_MODE = 1;
const IFLA_IPVLAN_MODE = 1;
const IFLA_IPVLAN_FLAGS = 2;
const MACVLAN_MODE_PRIVATE = 1;
const IPVLAN_MODE_L2 = 0;

/** Stands in the alias of every link of ours, so that what an earlier run left is recognised. */
export const LINK_MARK = "made by duet";

/** An interface group that nobody else uses. */
const CONDEMNED_GROUP = 0x64756574;

export const ipvlanModes = { bridge: 0, private: 1, vepa: 2 } as const;

export type NewVirtualLink = {
  readonly name: string;
  readonly parentIndex: number;
  /** Interface group; null = the parent's. */
  readonly group: number | null;
} & (
  | { readonly kind: "macvlan"; readonly mac: string }
  | { readonly kind: "ipvlan"; readonly mode: keyof typeof ipvlanModes }
);

/** A link, with what shows whether it is one of ours. */
export type ReadLink = {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  readonly mac: string;
  readonly kind: string | undefined;
  /** The kernel's number of its mode: of a macvlan, or the flags of an ipvlan. */
  readonly mode: number | undefined;
  readonly parentIndex: number | undefined;
  readonly masterIndex: number | undefined;
  readonly group: number;
  readonly isMarked: boolean;
};

/** Down, without addresses, in the VRF of its parent; `vrfIndex` null = in none. */
export function makeVirtualLink(
  link: NewVirtualLink,
  parent: Pick<ReadLink, "group">,
  vrfIndex: number | null,
): readonly Request[] {
  const make: Request = {
    type: RTM_NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body(writer) {
      writeIfinfo(writer, 0, { up: false, change: false });
      writer.text(IFLA_IFNAME, link.name);
      writer.u32(IFLA_LINK, link.parentIndex);
      writer.u32(IFLA_GROUP, link.group ?? parent.group);
      if (vrfIndex !== null) writer.u32(IFLA_MASTER, vrfIndex);
      if (link.kind === "macvlan") writer.attribute(IFLA_ADDRESS, parseMac(link.mac));
      writer.nested(IFLA_LINKINFO, (info) => {
        info.text(IFLA_INFO_KIND, link.kind);
        info.nested(IFLA_INFO_DATA, (data) => writeMode(data, link));
      });
    },
  };
  // An alias cannot be given at birth.
  const mark: Request = {
    type: RTM_NEWLINK,
    flags: 0,
    body(writer) {
      writeIfinfo(writer, 0, { up: false, change: false });
      writer.text(IFLA_IFNAME, link.name);
      writer.attribute(IFLA_IFALIAS, Buffer.from(LINK_MARK));
    },
  };
  return [make, mark];
}

export function setLinkUp(index: number, up: boolean): Request {
  return {
    type: RTM_NEWLINK,
    flags: 0,
    body: (writer) => writeIfinfo(writer, index, { up, change: true }),
  };
}

/** Into the VRF of this index; null = out of any. */
export function moveLink(index: number, vrfIndex: number | null): Request {
  return {
    type: RTM_NEWLINK,
    flags: 0,
    body(writer) {
      writeIfinfo(writer, index, { up: false, change: false });
      writer.u32(IFLA_MASTER, vrfIndex ?? 0);
    },
  };
}

/**
 * Removes them all. The kernel waits for its readers once for a whole group, but for each link that is removed by itself:
 * so they become a group first.
 */
export function removeLinks(indexes: readonly number[]): readonly Request[] {
  const remove: Request = {
    type: RTM_DELLINK,
    flags: 0,
    body: (writer) => writeCondemned(writer, 0),
  };
  return [...indexes.map(condemn), remove];
}

function condemn(index: number): Request {
  return { type: RTM_NEWLINK, flags: 0, body: (writer) => writeCondemned(writer, index) };
}

function writeCondemned(writer: MessageWriter, index: number): void {
  writeIfinfo(writer, index, { up: false, change: false });
  writer.u32(IFLA_GROUP, CONDEMNED_GROUP);
}

export function readVirtualLink(netlink: Netlink, which: string | number): ReadLink | undefined {
  const answer = askForLink(netlink, which);
  return answer && decodeReadLink(answer);
}

/** All with our mark. */
export function listMarkedLinks(netlink: Netlink): readonly ReadLink[] {
  const body = (writer: MessageWriter): void => writer.raw(Buffer.alloc(IFINFOMSG_BYTES));
  return netlink
    .dump({ type: RTM_GETLINK, flags: 0, body })
    .map(decodeReadLink)
    .filter((link) => link?.isMarked === true)
    .filter((link) => link !== undefined);
}

export function modeOf(link: NewVirtualLink): number {
  return link.kind === "macvlan" ? MACVLAN_MODE_PRIVATE : ipvlanModes[link.mode];
}

function decodeReadLink(message: NetlinkMessage): ReadLink | undefined {
  const link = decodeLink(message);
  if (link === undefined) return undefined;
  const attributes = readAttributes(message.body, IFINFOMSG_BYTES);
  const info = readAttributes(attributes.get(IFLA_LINKINFO) ?? Buffer.alloc(0));
  const data = readAttributes(info.get(IFLA_INFO_DATA) ?? Buffer.alloc(0));
  const kind = textOf(info.get(IFLA_INFO_KIND));
  return {
    index: link.index,
    name: link.name,
    up: link.up,
    mac: formatMac(link.mac),
    kind,
    mode:
      kind === "ipvlan"
        ? data.get(IFLA_IPVLAN_FLAGS)?.readUInt16LE(0)
        : u32Of(data.get(IFLA_MACVLAN_MODE)),
    parentIndex: u32Of(attributes.get(IFLA_LINK)),
    masterIndex: link.masterIndex,
    group: u32Of(attributes.get(IFLA_GROUP)) ?? 0,
    isMarked: textOf(attributes.get(IFLA_IFALIAS)) === LINK_MARK,
  };
}

function writeMode(writer: MessageWriter, link: NewVirtualLink): void {
  if (link.kind === "macvlan") {
    writer.u32(IFLA_MACVLAN_MODE, modeOf(link));
  } else {
    writer.u16(IFLA_IPVLAN_MODE, IPVLAN_MODE_L2);
    writer.u16(IFLA_IPVLAN_FLAGS, modeOf(link));
  }
}

/** struct ifinfomsg: family u8 | - | type u16 | index i32 | flags u32 | change u32 */
function writeIfinfo(
  writer: MessageWriter,
  index: number,
  { up, change }: { readonly up: boolean; readonly change: boolean },
): void {
  writer.rawU32(0);
  writer.rawU32(index);
  writer.rawU32(up ? IFF_UP : 0);
  writer.rawU32(change ? IFF_UP : 0);
}
