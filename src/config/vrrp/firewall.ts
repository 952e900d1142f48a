// Who may talk to virtual addresses, and the nftables table for it: rows, and the rules of accept.

import { accepts, priorityOf } from "../effective.ts";
import { bool, INT32_MAX, integer, name } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { type Draft, isGiven, lineOf, type Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";

/** Of [vrrp_instance.*]. */
// biome-ignore format: a table, a row a key
export const acceptRows = {
  accept: { type: bool, otherwise: "yes", example: "yes", doc: "A master answers at its virtual addresses" },
  no_accept: { type: bool, opposes: "accept", otherwise: "no", example: "yes",
    doc: "The opposite of accept: nobody reaches a master at its virtual addresses, it only forwards for them (nftables drops the rest; IPVS services and neighbour discovery work)" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const firewallRows = {
  nftables: { field: "table", type: name, default: "duet",
    doc: "Name of the nftables table (family inet) for no_accept, there while an instance needs it; no other may have the name" },
  nftables_priority: { field: "priority", type: integer(-INT32_MAX, INT32_MAX), otherwise: "101 on the way in and -101 on the way out, around IPVS (keepalived: -1, where IPVS gets nothing)", example: "-1",
    doc: "Priority of its chains" },
  nftables_counters: { field: "counters", type: bool, default: "no", doc: "Its rules count what they drop" },
} as const satisfies Readonly<Record<string, KeySpec>>;

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
  const { virtual_ipaddress, virtual_ipaddress_excluded } = instance.values;
  const held = [...virtual_ipaddress, ...virtual_ipaddress_excluded];
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
