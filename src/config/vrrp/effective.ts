// What keys of virtual routers come to when they depend on others: for the rules and for the builder alike, so that what is judged
// is what is run.

import type { Version } from "../../vrrp/model.ts";
import { familyIn } from "../schema/addresses.ts";
import type { AddressLine, Located } from "../schema/row.ts";
import { type Draft, isGiven, type Section } from "../schema/section.ts";

export function versionOf(instance: Section<"vrrp_instance">): Version {
  // Version 2 has no IPv6: a default does not decide against it, as in keepalived.
  const inet6 = familyOfInstance(instance) === 6;
  return instance.values.version === "3" || (inet6 && !isGiven(instance, "version")) ? 3 : 2;
}

/** RFC 5798 §5.2.9: an advert holds addresses of one family, which is that of its packet. */
export function familyOfInstance({ values }: Section<"vrrp_instance">): 4 | 6 {
  const first =
    values.virtual_ipaddress[0]?.value.address ??
    values.unicast_src_ip ??
    values.mcast_src_ip ??
    values.mcast_dst_ip ??
    values.unicast_peer[0]?.value.address;
  return familyIn(first ?? "");
}

/** All that a master holds: those that adverts tell first. */
export function heldLinesOf({ values }: Section<"vrrp_instance">): readonly Located<AddressLine>[] {
  return [...values.virtual_ipaddress, ...values.virtual_ipaddress_excluded];
}

export function isUnicast({ values }: Section<"vrrp_instance">): boolean {
  return values.unicast_peer.length > 0 || values.unicast_fault_no_peer;
}

/** keepalived: MASTER without a priority means the address owner. */
export function priorityOf(instance: Section<"vrrp_instance">): number {
  const { priority, state } = instance.values;
  if (priority !== undefined) return priority;
  return state === "MASTER" && !isGiven(instance, "priority") ? 255 : 100;
}

export function wantsNoPreempt(instance: Section<"vrrp_instance">): boolean {
  const { nopreempt, preempt } = instance.values;
  return nopreempt ?? preempt === false;
}

/** keepalived: MASTER clears nopreempt, and an owner always preempts (RFC 5798 §6.1). */
export function preempts(instance: Section<"vrrp_instance">): boolean {
  const clears = instance.values.state === "MASTER" || priorityOf(instance) === 255;
  return clears || !wantsNoPreempt(instance);
}

/** keepalived: MASTER clears preempt_delay, and where nobody preempts there is nothing to delay. */
export function preemptDelayMsOf(instance: Section<"vrrp_instance">): number {
  const clears = instance.values.state === "MASTER" || !preempts(instance);
  return clears ? 0 : instance.values.preempt_delay;
}

/** The sync group that an instance is in. */
export function syncGroupOf(
  { labels }: Section<"vrrp_instance">,
  draft: Draft,
): Section<"vrrp_sync_group"> | undefined {
  return draft.vrrp_sync_group.find(({ values }) =>
    values.group.some(({ value }) => value === labels[0]),
  );
}

/** The owner of the addresses always is (RFC 5798 §6.4.3 (650)). */
export function accepts(instance: Section<"vrrp_instance">): boolean {
  const { accept, no_accept } = instance.values;
  return priorityOf(instance) === 255 || (accept ?? no_accept !== true);
}

/** How many addresses an advert tells: their count is one byte (RFC 3768 §5.3.5), and in IPv6 so many fit into 1500 bytes. */
export function addressesMax(family: 4 | 6): number {
  return family === 6 ? 90 : 255;
}
