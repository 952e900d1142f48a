// Rules of [garp_group.*].

import { type Draft, isGiven, lineOf } from "./draft.ts";
import type { Report } from "./validate.ts";

export function judgePacing(draft: Draft, report: Report): void {
  const groups = new Map<string, string>();
  for (const group of draft.garp_group) {
    for (const { value: name, line } of group.values.interface) {
      const other = groups.get(name);
      groups.set(name, group.title);
      if (other === undefined) continue;
      report(line, `Cannot use interface ${name} twice: [${other}] has it already`);
    }
    if (isGiven(group, "garp_interval") || isGiven(group, "gna_interval")) continue;
    report(
      lineOf(group, "interface"),
      `[${group.title}] has neither garp_interval nor gna_interval, so announcements on its interfaces have no pause at all`,
      "warning",
    );
  }
}
