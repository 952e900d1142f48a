// Rules of what is held: virtual_ipaddress_excluded[], static_ipaddress[].

import type { Draft, Section } from "./draft.ts";
import { familyOfInstance } from "./effective.ts";
import type { AddressLine } from "./spec.ts";
import { isLinkLocal } from "./strict.ts";
import type { Report } from "./validate.ts";
import { interfaceFor, virtualLinkOf } from "./virtual-link.ts";

export function judgeHeld(draft: Draft, report: Report): void {
  const globals = draft.global[0].values;
  for (const { value, line } of globals.static_ipaddress) {
    if (value.dev !== null || globals.default_interface !== undefined) continue;
    report(
      line,
      `Cannot use static_ipaddress ${value.address} without "dev IF": neither an instance nor default_interface says where it belongs`,
    );
  }
  const owners = new Map(
    draft.vrrp_instance.flatMap((instance) =>
      instance.values.virtual_ipaddress.map(
        ({ value, line }) =>
          [whereOf(value, instance, draft), { title: instance.title, line }] as const,
      ),
    ),
  );
  for (const instance of draft.vrrp_instance) {
    const { title, values } = instance;
    for (const { value, line } of values.virtual_ipaddress_excluded) {
      const where = whereOf(value, instance, draft);
      const other = owners.get(where);
      if (other === undefined) owners.set(where, { title, line });
      else {
        report(
          line,
          `Cannot use virtual_ipaddress_excluded ${value.address} twice: [${other.title}] has it already (line ${other.line})`,
        );
      }
    }
  }
}

/** Two with the same one are the same address. A link-local one is another on each link (RFC 4007 §6). */
export function whereOf(
  line: AddressLine,
  instance: Section<"vrrp_instance">,
  draft: Draft,
): string {
  if (!isLinkLocal(line.address)) return line.address;
  return `${line.address} ${interfaceFor(line, {
    interface: instance.values.interface ?? "",
    link: virtualLinkOf(instance, draft),
    family: familyOfInstance(instance),
  })}`;
}

/** Something that is held although there is no instance. */
export function hasStatics(draft: Draft): boolean {
  const { static_ipaddress, static_routes, static_rules } = draft.global[0].values;
  return static_ipaddress.length + static_routes.length + static_rules.length > 0;
}
