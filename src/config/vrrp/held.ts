// What a master, or the node, holds beside virtual_ipaddress: rows, what they come to, and rules.

import type { Family } from "../../lib/ip.ts";
import type { Held, Rule, Vip } from "../../vip/model.ts";
import { accepts, familyOfInstance } from "../effective.ts";
import type { HoldsConfig } from "../model.ts";
import { addressLine } from "../schema/address-line.ts";
import type { Row } from "../schema/fields.ts";
import { bool, yesNo } from "../schema/plain-types.ts";
import { openOwners } from "../schema/relations.ts";
import { routeLine, ruleLine } from "../schema/routes.ts";
import type { AddressLine, KeySpec, Located, RuleLine } from "../schema/row.ts";
import type { Draft, Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";
import { isLinkLocal } from "./strict.ts";
import { interfaceFor, type Place, virtualLinkOf } from "./virtual-link.ts";

// biome-ignore format: a table, a row a key
export const heldRows = {
  virtual_ipaddress_excluded: { type: addressLine, list: true, example: "172.17.253.111/24 dev eth0", level: "basic",
    doc: "A further virtual address, of either family, that adverts do not tell; written as virtual_ipaddress" },
  virtual_routes: { type: routeLine, list: true, example: "192.168.100.0/24 via 172.17.253.1 dev eth0",
    doc: "A route that the master has: [TYPE] [to] PREFIX [via A] [dev IF] [src A] [metric N] [table N] [scope S] [proto P] [mtu N] [onlink] [no_track] [nexthop via A dev IF weight N ...]" },
  virtual_rules: { type: ruleLine, list: true, example: "from 172.17.253.110/32 lookup 100 priority 500",
    doc: "A rule that the master has: [not] [from PREFIX] [to PREFIX] [fwmark N[/MASK]] [iif IF] [oif IF] lookup TABLE [priority N] [no_track]; without a priority it counts down from 16384" },
  promote_secondaries: { type: bool, default: "no",
    doc: "While master, the kernel keeps the other addresses of a network when its first one goes (net.ipv4.conf.IF.promote_secondaries), on `interface`; always so where an IPv4 address with a network is held" },
} as const satisfies Readonly<Record<string, KeySpec>>;

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

export function buildVip({ dev, ...line }: AddressLine, place: Place): Vip {
  return { ...line, interface: interfaceFor({ address: line.address, dev }, place) };
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
  const nodePlace = { interface: values.default_interface ?? "", link: null, family: 4 } as const;
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

export function printVip(vip: Vip): string {
  return addressLine.print({ ...vip, dev: vip.interface });
}

/** Of an instance, beside virtual_ipaddress. */
export function heldRowsOf(holds: HoldsConfig): readonly Row[] {
  return [
    ...holds.excluded.map((vip): Row => ["virtual_ipaddress_excluded[]", printVip(vip)]),
    ...holds.routes.map(({ line }): Row => ["virtual_routes[]", line]),
    ...holds.rules.map(({ line }): Row => ["virtual_rules[]", line]),
    ["promote_secondaries", yesNo(holds.promoteSecondaries)],
    ["accept", yesNo(holds.accept)],
  ];
}

/** Of [global]. */
export function staticRowsOf({ vips, routes, rules }: Held): readonly Row[] {
  return [
    ...vips.map((vip): Row => ["static_ipaddress[]", printVip(vip)]),
    ...routes.map(({ line }): Row => ["static_routes[]", line]),
    ...rules.map(({ line }): Row => ["static_rules[]", line]),
  ];
}

export function judgeHeld(draft: Draft, report: Report): void {
  const globals = draft.global.values;
  for (const { value, line } of globals.static_ipaddress) {
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
  return `${line.address} ${interfaceFor(line, {
    interface: instance.values.interface ?? "",
    link: virtualLinkOf(instance, draft),
    family: familyOfInstance(instance),
  })}`;
}

/** Something that is held although there is no instance. */
export function hasStatics(draft: Draft): boolean {
  const { static_ipaddress, static_routes, static_rules } = draft.global.values;
  return static_ipaddress.length + static_routes.length + static_rules.length > 0;
}
