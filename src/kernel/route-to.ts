// Which way the kernel takes to an address. rtnetlink(7).

import { addressBytes, familyOf, formatAddress } from "../lib/ip.ts";
import { readAttributes } from "./attributes.ts";
import { isKernelError } from "./errors.ts";
import type { Netlink } from "./netlink.ts";
import { AF_INET, AF_INET6, RTMSG_BYTES } from "./numbers.ts";
import { RTM_GETROUTE, routeAttributes } from "./routes.ts";

/** The router of the next hop; null = none: a network of this machine, or this machine. undefined = there is no way. */
export function gatewayTo(netlink: Netlink, address: string): string | null | undefined {
  const bytes = addressBytes(address);
  try {
    const [answer] = netlink.request({
      type: RTM_GETROUTE,
      flags: 0,
      body(writer) {
        const head = Buffer.alloc(RTMSG_BYTES);
        head[0] = familyOf(address) === 6 ? AF_INET6 : AF_INET;
        head[1] = 8 * bytes.length;
        writer.raw(head);
        writer.attribute(routeAttributes.destination, bytes);
      },
    });
    if (answer === undefined) return undefined;
    const attributes = readAttributes(answer.body, RTMSG_BYTES);
    const gateway = attributes.get(routeAttributes.gateway);
    return gateway === undefined ? null : formatAddress(gateway);
  } catch (error) {
    if (isKernelError(error, "ENETUNREACH", "EHOSTUNREACH", "ESRCH", "EACCES", "EINVAL")) {
      return undefined;
    }
    throw error;
  }
}
