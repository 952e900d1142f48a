// Rules of what is held: virtual_ipaddress_excluded[], static_ipaddress[].

import type { Draft } from "./draft.ts";
import type { Report } from "./validate.ts";

export function judgeHeld(draft: Draft, report: Report): void {
  const globals = draft.global[0]?.values;
  for (const { value, line } of globals?.static_ipaddress ?? []) {
    if (value.dev !== null || globals?.default_interface !== undefined) continue;
    report(
      line,
      `Cannot use static_ipaddress ${value.address} without "dev IF": neither an instance nor default_interface says where it belongs`,
    );
  }
  const owners = new Map(
    draft.vrrp_instance.flatMap(({ title, values }) =>
      values.virtual_ipaddress.map(({ value, line }) => [value.address, { title, line }] as const),
    ),
  );
  for (const { title, values } of draft.vrrp_instance) {
    for (const { value, line } of values.virtual_ipaddress_excluded) {
      const other = owners.get(value.address);
      if (other === undefined) owners.set(value.address, { title, line });
      else {
        report(
          line,
          `Cannot use virtual_ipaddress_excluded ${value.address} twice: [${other.title}] has it already (line ${other.line})`,
        );
      }
    }
  }
}

/** Something that is held although there is no instance. */
export function hasStatics(draft: Draft): boolean {
  const values = draft.global[0]?.values;
  if (values === undefined) return false;
  const { static_ipaddress, static_routes, static_rules } = values;
  return static_ipaddress.length + static_routes.length + static_rules.length > 0;
}
