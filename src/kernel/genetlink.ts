// Generic netlink: finding a family by name. linux/genetlink.h.

import { AttributeReader } from "./attribute-reader.ts";
import { NETLINK_GENERIC, type Netlink, openNetlink, type Request } from "./netlink.ts";
import type { NetlinkMessage } from "./netlink-messages.ts";

const GENL_ID_CTRL = 16;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR_FAMILY_ID = 1;
const CTRL_ATTR_FAMILY_NAME = 2;

export type GenericNetlink = Omit<Netlink, "dump" | "dumpOf"> & {
  readonly familyId: number;
  /** What `decode` makes of each answer of a dump; its attributes are valid only during the call. */
  readonly dump: <Value>(request: Request, decode: DecodeAttributes<Value>) => readonly Value[];
};

/** undefined leaves an answer out. */
type DecodeAttributes<Value> = (attributes: AttributeReader) => Value | undefined;

/** genlmsghdr: what a request's body starts with and an answer's attributes follow. */
const GENL_HEADER_BYTES = 4;

/** The attributes of an answer; none when there is no answer. */
export function attributesOf(answer: Pick<NetlinkMessage, "body"> | undefined): AttributeReader {
  return new AttributeReader(answer?.body ?? Buffer.alloc(0), GENL_HEADER_BYTES);
}

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
    const familyId = attributesOf(answer).u16(CTRL_ATTR_FAMILY_ID);
    if (familyId === 0) throw new Error(`Cannot find the netlink family "${family}"`);
    const reader = attributesOf(undefined);
    return {
      ...netlink,
      familyId,
      dump: (request, decode) =>
        netlink.dumpOf(request, (bytes, start, end) =>
          decode(reader.over(bytes, start + GENL_HEADER_BYTES, end)),
        ),
    };
  } catch (error) {
    netlink.close();
    throw error;
  }
}
