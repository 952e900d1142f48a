// Lines of addresses, routes and rules -> what an instance or the node holds.

import type { Family } from "../lib/ip.ts";
import type { Held, Rule, Vip } from "../vip/model.ts";
import type { Draft, Section } from "./draft.ts";
import { accepts } from "./effective.ts";
import type { HoldsConfig } from "./model.ts";
import type { AddressLine, Located, RuleLine } from "./spec.ts";
import { interfaceFor, type Place } from "./virtual-link.ts";

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
  const values = draft.global[0].values;
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
