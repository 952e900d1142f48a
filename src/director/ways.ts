// The way to a DR real server: IPVS sends it packets for the virtual address, which no router takes there. A route with a
// gateway is a set-up that cannot work, unless that router knows more than routers do: it is said, and nothing else.

import type { VirtualServerConfig } from "../config/model.ts";
import type { Destination } from "../ipvs/model.ts";
import { NETLINK_ROUTE, type Netlink, openNetlink } from "../kernel/netlink.ts";
import { gatewayTo } from "../kernel/route-to.ts";
import type { Log } from "../lib/log.ts";

/** The router on the way to an address; null or undefined = there is none. */
export type AskWay = (address: string) => string | null | undefined;

export type Ways = {
  /** What is wrong with the way to a real server now; null = nothing. */
  readonly warningOf: (destination: Destination) => string | null;
  /** Says in the log what is new since the last time. */
  readonly tell: (virtualServers: readonly VirtualServerConfig[]) => void;
  readonly close: () => void;
};

export function openWays(log: Log, ask?: AskWay): Ways {
  let netlink: Netlink | undefined;
  let told: ReadonlySet<string> = new Set();

  function askKernel(address: string): string | null | undefined {
    netlink ??= openNetlink(NETLINK_ROUTE, "rtnetlink");
    return gatewayTo(netlink, address);
  }

  function warningOf({ address, forward }: Destination): string | null {
    const router = forward === "DR" ? (ask ?? askKernel)(address) : null;
    if (router === null || router === undefined) return null;
    return `DR needs ${address} in a network of this director, but the way to it is the router ${router}, which takes no packets for the virtual address there: lb_kind TUN or NAT, or another address`;
  }

  return {
    warningOf,
    tell(virtualServers) {
      const now = new Set<string>();
      for (const { name, realServers } of virtualServers) {
        for (const each of realServers) {
          const warning = warningOf(each.destination);
          if (warning === null) continue;
          const key = `${name} ${each.name} ${warning}`;
          now.add(key);
          if (told.has(key)) continue;
          log.warn(
            { virtual_server: name, real_server: each.name, warning },
            "real server out of reach",
          );
        }
      }
      told = now;
    },
    close: () => netlink?.close(),
  };
}
