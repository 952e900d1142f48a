// Rules of [vrrp_sync_group.*]: who is in it, and what it tracks for its members.

import type { Report } from "../schema/lines.ts";
import { type Draft, lineOf, type Section } from "../schema/section.ts";
import { priorityOf, syncGroupOf } from "./effective.ts";
import { ignoredUses, TRACK_KEYS } from "./tracked.ts";

type Group = Section<"vrrp_sync_group">;

export function judgeGroups(draft: Draft, report: Report): void {
  judgeMembers(draft, report);
  for (const group of draft.vrrp_sync_group) judgeOwners(group, draft, report);
  for (const instance of draft.vrrp_instance) judgeIgnored(instance, draft, report);
}

function judgeMembers(draft: Draft, report: Report): void {
  for (const { title, line: titleLine, values } of draft.vrrp_sync_group) {
    if (values.group.length === 1) {
      const [alone] = values.group;
      report(
        alone?.line ?? titleLine,
        `[${title}] has one member, so it changes nothing`,
        "warning",
      );
    }
  }
}

/** An owner is MASTER from its start; in a group it has to wait for the others. */
function judgeOwners(group: Group, draft: Draft, report: Report): void {
  const members = group.values.group.flatMap(({ value }) =>
    draft.vrrp_instance.filter(({ labels }) => labels[0] === value),
  );
  const owners = members.filter((each) => priorityOf(each) === 255);
  if (owners.length === 0 || owners.length === members.length) return;
  const names = owners.map(({ labels }) => labels[0]).join(", ");
  report(
    lineOf(group, "group"),
    `[${group.title}] mixes address owners (priority 255: ${names}) with others: an owner waits for the others here, and one that is heard elsewhere keeps all of them from being MASTER`,
    "warning",
  );
}

function judgeIgnored(instance: Section<"vrrp_instance">, draft: Draft, report: Report): void {
  const group = syncGroupOf(instance, draft);
  for (const { value, line } of ignoredUses(instance, group, draft)) {
    report(
      line,
      `${TRACK_KEYS[value.kind]} ${value.name} is ignored: its weight would move one member of [${group?.title ?? ""}] and part it from the others (track it in the group, use weight 0 for a FAULT, or set sync_group_tracking_weight there)`,
      "warning",
    );
  }
}
