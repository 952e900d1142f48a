// Removals that may find more than one.

import type { Netlink, Request } from "./netlink.ts";
import { listHops6, type Route, removeReadRoute } from "./routes.ts";

/** So many things may be alike. */
const ROUNDS_MAX = 64;

/**
 * Sends removals of routes and rules that bear duet's mark as long as they find something. A removal cannot name all of a
 * route or rule, so it may have hit another one of ours: all go that it names, and who holds one of them puts it on again.
 */
export function removeAllLike(netlink: Netlink, removals: readonly Request[]): void {
  let due = removals;
  for (let rounds = 0; due.length > 0 && rounds < ROUNDS_MAX; rounds += 1) {
    const errors = netlink.batch(due);
    due = due.filter((_, i) => !errors.has(i));
  }
}

/** Takes off the hops that bear this mark and that the kernel shows as a part of a route of several, but for those that stay; returns them. */
export function removeMarkedHops6(
  netlink: Netlink,
  protocol: number,
  stays: (hop: Route) => boolean = () => false,
): readonly Route[] {
  const hops = listHops6(netlink, protocol).filter((hop) => !stays(hop));
  const errors = netlink.batch(hops.map(removeReadRoute));
  return hops.filter((_, i) => !errors.has(i));
}
