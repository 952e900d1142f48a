// Who may talk to virtual addresses, and the nftables table for it: rows, and the rules of accept.

import type { Report } from "../schema/lines.ts";
import { type Draft, isGiven, lineOf, type Section } from "../schema/section.ts";
import { accepts, heldLinesOf, priorityOf } from "./effective.ts";

export function judgeFirewall(draft: Draft, report: Report): void {
  for (const instance of draft.vrrp_instance) judgeAccept(instance, draft, report);
}

function judgeAccept(instance: Section<"vrrp_instance">, draft: Draft, report: Report): void {
  const { accept, no_accept } = instance.values;
  const refuses = accept === false || no_accept === true;
  if (refuses && priorityOf(instance) === 255) {
    report(
      lineOf(instance, isGiven(instance, "no_accept") ? "no_accept" : "accept"),
      "no_accept is ignored with priority 255: the owner of the addresses answers at them (RFC 5798)",
      "warning",
    );
  }
  if (!accepts(instance)) judgeServices(instance, draft, report);
}

/** In front of IPVS the table drops what IPVS is there for. */
function judgeServices(instance: Section<"vrrp_instance">, draft: Draft, report: Report): void {
  const { global } = draft;
  if (global.values.nftables_priority === undefined) return;
  if (global.values.nftables_priority > IPVS_PRIORITY) return;
  const held = heldLinesOf(instance);
  for (const { values, title } of draft.virtual_server) {
    const address = values.address?.address;
    if (!held.some(({ value }) => value.address === address)) continue;
    report(
      lineOf(global, "nftables_priority"),
      `Cannot use nftables_priority ${global.values.nftables_priority} with no_accept in [${instance.title}]: [${title}] would get nothing, as IPVS comes after it at ${IPVS_PRIORITY} (leave it out, or write a higher one)`,
    );
  }
}

/** Of its hook on the way in, net/netfilter/ipvs/ip_vs_core.c. */
const IPVS_PRIORITY = 99;
