// Addresses, routes and rules, as rows of canonical INI.

import type { Held, Vip } from "../vip/model.ts";
import { formatAddressLine } from "./addresses.ts";
import type { Row } from "./fields.ts";
import type { HoldsConfig } from "./model.ts";
import { yesNo } from "./plain-types.ts";

export function printVip(vip: Vip): string {
  return formatAddressLine(vip, vip.interface);
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
