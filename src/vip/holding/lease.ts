// How long a virtual address stays by itself when nobody renews it: the last layer of "one owner", for the day on
// which every process of duet is killed at once. The kernel counts in seconds.

import { LEASE_MAX_S } from "../../kernel/addresses.ts";

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
