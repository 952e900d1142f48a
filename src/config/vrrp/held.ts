// What a master, or the node, holds beside virtual_ipaddress: rows, what they come to, and rules.

import type { Family } from "../../lib/ip.ts";
import type { AddressLink, Held, Rule, Vip } from "../../vip/model.ts";
import type { HoldsConfig } from "../model.ts";
import { addressLine } from "../schema/address-line.ts";
import type { Row } from "../schema/fields.ts";
import type { Report } from "../schema/lines.ts";
import { yesNo } from "../schema/plain-types.ts";
import { openOwners } from "../schema/relations.ts";
import type { AddressLine, Located, RuleLine } from "../schema/row.ts";
import type { Draft, Section } from "../schema/section.ts";
import { interfaceFor, placeOf } from "./address-links.ts";
import { accepts } from "./effective.ts";
import { isLinkLocal } from "./strict.ts";
import { staticAddress, staticRoute, staticRule } from "./tracked-lines.ts";
import type { Place } from "./virtual-link.ts";

/** The next priority for a rule that names none. */
export type Priorities = (family: Family) => number;

// As keepalived: the first one 16384, and down.
const PRIORITY_FIRST = 16_384;

export function countPriorities(): Priorities {
  const next = { 4: PRIORITY_FIRST, 6: PRIORITY_FIRST };
  return (family) => {
    const priority = next[family];
    next[family] = Math.max(1, priority - 1);
    return priority;
  };
}

export function buildVip(line: AddressLine, place: Place): Vip {
  const { dev: _, useVmac: __, ...vip } = line;
  return { ...vip, interface: interfaceFor(line, place) };
}

export function buildHolds(
  section: Section<"vrrp_instance">,
  priorities: Priorities,
  place: Place,
): HoldsConfig {
  const { values } = section;
  return {
    excluded: values.virtual_ipaddress_excluded.map(({ value }) => buildVip(value, place)),
    routes: values.virtual_routes.map(({ value }) => value),
    rules: buildRules(values.virtual_rules, priorities),
    promoteSecondaries: values.promote_secondaries,
    accept: accepts(section),
  };
}

/** An address without dev was refused before, where there is no default_interface. */
export function buildStatics(draft: Draft, priorities: Priorities): Held {
  const values = draft.global.values;
  const own = values.default_interface ?? "";
  const nodePlace: Place = { interface: own, link: null, family: 4, addressLinks: [] };
  return {
    vips: values.static_ipaddress.map(({ value }) => buildVip(value, nodePlace)),
    routes: values.static_routes.map(({ value }) => value),
    rules: buildRules(values.static_rules, priorities),
  };
}

function buildRules(lines: readonly Located<RuleLine>[], priorities: Priorities): readonly Rule[] {
  return lines.map(({ value }) => {
    if (value.priority !== null) return { ...value, priority: value.priority };
    const priority = priorities(value.family);
    return { ...value, priority, line: `${value.line} priority ${priority}` };
  });
}

export function printVip(vip: Vip, addressLinks: readonly AddressLink[]): string {
  const link = addressLinks.find(({ name }) => name === vip.interface);
  if (link === undefined) return addressLine.print({ ...vip, dev: vip.interface });
  return addressLine.print({ ...vip, dev: link.below, useVmac: true });
}

/** Of an instance, beside virtual_ipaddress. */
export function heldRowsOf(
  holds: HoldsConfig,
  addressLinks: readonly AddressLink[],
): readonly Row[] {
  return [
    ...holds.excluded.map(
      (vip): Row => ["virtual_ipaddress_excluded[]", printVip(vip, addressLinks)],
    ),
    ...holds.routes.map(({ line }): Row => ["virtual_routes[]", line]),
    ...holds.rules.map(({ line }): Row => ["virtual_rules[]", line]),
    ["promote_secondaries", yesNo(holds.promoteSecondaries)],
    ["accept", yesNo(holds.accept)],
  ];
}

/** Of [global]. */
export function staticRowsOf({ vips, routes, rules }: Held): readonly Row[] {
  return [
    ...vips.map(
      (vip): Row => ["static_ipaddress[]", staticAddress.print({ ...vip, dev: vip.interface })],
    ),
    ...routes.map((route): Row => ["static_routes[]", staticRoute.print(route)]),
    ...rules.map((rule): Row => ["static_rules[]", staticRule.print(rule)]),
  ];
}

export function judgeHeld(draft: Draft, report: Report): void {
  const globals = draft.global.values;
  for (const { value, line } of globals.static_ipaddress) {
    if (value.useVmac) {
      report(
        line,
        "Cannot use use_vmac in static_ipaddress: it is for virtual addresses, leave it out",
      );
    }
    if (value.dev !== null || globals.default_interface !== undefined) continue;
    report(
      line,
      `Cannot use static_ipaddress ${value.address} without "dev IF": neither an instance nor default_interface says where it belongs`,
    );
  }
  const owners = openOwners(report);
  // What adverts tell has it first.
  for (const key of ["virtual_ipaddress", "virtual_ipaddress_excluded"] as const) {
    for (const instance of draft.vrrp_instance) {
      for (const { value, line } of instance.values[key]) {
        owners(whereOf(value, instance, draft), `${key} ${value.address}`, instance, line);
      }
    }
  }
}

/** Two with the same one are the same address. A link-local one is another on each link (RFC 4007 §6). */
function whereOf(line: AddressLine, instance: Section<"vrrp_instance">, draft: Draft): string {
  if (!isLinkLocal(line.address)) return line.address;
  return `${line.address} ${interfaceFor(line, placeOf(instance, draft))}`;
}

/** Something that is held although there is no instance. */
export function hasStatics(draft: Draft): boolean {
  const { static_ipaddress, static_routes, static_rules } = draft.global.values;
  return static_ipaddress.length + static_routes.length + static_rules.length > 0;
}
