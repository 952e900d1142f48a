// Generic netlink: finding a family by name. linux/genetlink.h.

import { readAttributes } from "./attributes.ts";
import { NETLINK_GENERIC, type Netlink, openNetlink } from "./netlink.ts";

const GENL_ID_CTRL = 16;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR_FAMILY_ID = 1;
const CTRL_ATTR_FAMILY_NAME = 2;

export type GenericNetlink = Netlink & { readonly familyId: number };

/** genlmsghdr: what a request's body starts with and an answer's attributes follow. */
export const GENL_HEADER_BYTES = 4;

/** Asking for a family makes the kernel load its module. Throws KernelError ENOENT when there is none. */
export function openGenericNetlink(family: string): GenericNetlink {
  const netlink = openNetlink(NETLINK_GENERIC, family);
  try {
    const [answer] = netlink.request({
      type: GENL_ID_CTRL,
      flags: 0,
      body(writer) {
        writer.rawBytes(CTRL_CMD_GETFAMILY, 2, 0, 0);
        writer.text(CTRL_ATTR_FAMILY_NAME, family);
      },
    });
    const attributes = readAttributes(answer?.body ?? Buffer.alloc(0), GENL_HEADER_BYTES);
    const familyId = attributes.get(CTRL_ATTR_FAMILY_ID)?.readUInt16LE(0);
    if (familyId === undefined) throw new Error(`Cannot find the netlink family "${family}"`);
    return { ...netlink, familyId };
  } catch (error) {
    netlink.close();
    throw error;
  }
}
