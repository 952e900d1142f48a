// How long the guardian waits for a role.

import { HAND_OVER_MAX_MS } from "../../vrrp/model.ts";
import type { ChildRole } from "../process/messages.ts";

/** To take a configuration. */
export const CONFIGURE_MS = 10_000;

/** To stop. A master waits for its successor up to HAND_OVER_MAX_MS. */
export function stopMsOf(role: ChildRole): number {
  return role === "vrrp" ? 600 + HAND_OVER_MAX_MS : 1100;
}

/**
 * Between two heartbeats. Of vrrp it is shorter than three adverts of one second, and longer than any pause of a healthy
 * process; the others may be busy, with a reload of thousands of services or modules that load slowly.
 */
export function silenceMsOf(role: ChildRole): number {
  return role === "vrrp" ? 2000 : 30_000;
}
