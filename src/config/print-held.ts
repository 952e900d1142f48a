// Addresses, routes and rules, as rows of canonical INI.

import type { Held, Vip } from "../vip/model.ts";
import { formatExtras } from "./address-extras.ts";
import type { HoldsConfig } from "./model.ts";
import { type Row, yesNo } from "./print-trackers.ts";

export function printVip(vip: Vip): string {
  const { address, prefixLength, interface: dev, scope, label, broadcast } = vip;
  const words = [vip.peer === undefined ? `${address}/${prefixLength}` : address, "dev", dev];
  if (scope !== "global") words.push("scope", scope);
  if (label !== null) words.push("label", label);
  if (broadcast !== null) words.push("brd", broadcast);
  return [...words, ...formatExtras(vip)].join(" ");
}

/** Of an instance, beside virtual_ipaddress. */
export function heldRows(holds: HoldsConfig): readonly Row[] {
  return [
    ...holds.excluded.map((vip): Row => ["virtual_ipaddress_excluded[]", printVip(vip)]),
    ...holds.routes.map(({ line }): Row => ["virtual_routes[]", line]),
    ...holds.rules.map(({ line }): Row => ["virtual_rules[]", line]),
    ["promote_secondaries", yesNo(holds.promoteSecondaries)],
    ["accept", yesNo(holds.accept)],
  ];
}

/** Of [global]. */
export function staticRows({ vips, routes, rules }: Held): readonly Row[] {
  return [
    ...vips.map((vip): Row => ["static_ipaddress[]", printVip(vip)]),
    ...routes.map(({ line }): Row => ["static_routes[]", line]),
    ...rules.map(({ line }): Row => ["static_rules[]", line]),
  ];
}
