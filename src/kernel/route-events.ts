// What changes in the kernel's links and addresses, as it happens. Its socket survives an overrun: events
// that the kernel had to drop are answered by one call of onOverrun, whose job is to read everything anew.

import { close, errno, recv, setOption } from "./ffi.ts";
import { NETLINK_ROUTE, openSocket } from "./netlink.ts";
import { messagesOf, type NetlinkMessage } from "./netlink-messages.ts";
import { EINTR, ENOBUFS, MSG_DONTWAIT, NETLINK_ADD_MEMBERSHIP } from "./numbers.ts";
import { watch } from "./poll.ts";

const RTNLGRP_LINK = 1;
const RTNLGRP_IPV4_IFADDR = 5;
const RTNLGRP_IPV6_IFADDR = 9;
export const RTNLGRP_IPV4_ROUTE = 7;
export const RTNLGRP_IPV4_RULE = 8;
export const RTNLGRP_IPV6_ROUTE = 11;
export const RTNLGRP_IPV6_RULE = 19;
const LINKS_AND_ADDRESSES = [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR];
// Each tells one change: what was removed in one go is put back in one go.
const DATAGRAMS_A_TURN_MAX = 512;

export type RouteEvents = { readonly close: () => void };

/** `onMessage` gets RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR and RTM_DELADDR, or those of `groups`; the body is only valid during the call. */
export function openRouteEvents(options: {
  readonly groups?: readonly number[];
  readonly onMessage: (message: NetlinkMessage) => void;
  readonly onOverrun: () => void;
}): RouteEvents {
  const fd = openSocket(NETLINK_ROUTE);
  for (const group of options.groups ?? LINKS_AND_ADDRESSES) {
    setOption(fd, NETLINK_ADD_MEMBERSHIP, group);
  }
  const buffer = Buffer.allocUnsafe(64 << 10);

  // The kernel tells an overrun before the events from before it. They must not be taken for news once everything
  // has been read anew, so they are thrown away first.
  let overrun = false;

  const read = (): void => {
    for (let turn = 0; turn < DATAGRAMS_A_TURN_MAX; turn += 1) {
      const length = recv(fd, buffer, buffer.length, MSG_DONTWAIT);
      if (length < 0) {
        const code = errno();
        if (code === EINTR) continue;
        if (code === ENOBUFS) {
          overrun = true;
          continue;
        }
        if (overrun) {
          overrun = false;
          options.onOverrun();
        }
        return;
      }
      if (overrun) continue;
      for (const message of messagesOf(buffer.subarray(0, length))) options.onMessage(message);
    }
  };
  const watching = watch(fd, read, () => {
    overrun = true;
  });
  return {
    close() {
      watching.close();
      close(fd);
    },
  };
}
