// Removals that may find more than one.

import type { Netlink, Request } from "./netlink.ts";

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
