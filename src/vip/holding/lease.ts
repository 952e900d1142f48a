// How long a virtual address stays by itself when nobody renews it: the last layer of "one owner", for the day on
// which every process of duet is killed at once. The kernel counts in seconds.
//
// IPv6 addresses of one network share the kernel's route of it, and the last one that was put on or renewed says when that
// expires, unless one of them is for ever (net/ipv6/addrconf.c, net/ipv6/ip6_fib.c). So a lease would end the route of this
// machine's own address that has a lifetime too, as router advertisements and DHCP give it: beside such a one ours goes on
// with IFA_F_NOPREFIXROUTE, and without it when that one is gone. Routes of IPv4 addresses do not expire.

import { LEASE_MAX_S } from "../../kernel/addresses.ts";

/** Where the kernel keeps a lease of milliseconds (vip/lease-table.ts), an address that stays is silent, and only litter. */
export const CLEANER_S = LEASE_MAX_S;
const LEASE_MIN_S = 3;
const RENEW_MIN_MS = 1000;

/** About the time after which a backup takes over, so that the address is gone when it does. */
export function leaseSOf(advertIntervalMs: number): number {
  return Math.min(Math.max(LEASE_MIN_S, Math.floor((3 * advertIntervalMs) / 1000)), LEASE_MAX_S);
}

/** Three times a lease: two renewals may be late. */
export function renewEveryMs(leaseS: number): number {
  return Math.max(RENEW_MIN_MS, (leaseS * 1000) / 3);
}
