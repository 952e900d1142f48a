// static_ipaddress, static_routes and static_rules, and the groups in which instances track them -> sections.

import type { Around } from "../foreign/around.ts";
import { addLine, withoutTrackGroup } from "./lines.ts";
import { whyUnknown } from "./tracked.ts";
import type { Statement } from "./tree.ts";

/** By name: where it begins, and the instances that track it. */
export type TrackGroups = Map<
  string,
  { readonly line: number; readonly members: ReadonlySet<string> }
>;

/** When what is static is there. */
export function addTrackGroup(
  { block, line }: Statement,
  name: string,
  groups: TrackGroups,
  { remarks, global, nameOf }: Around,
): void {
  const word = ` track_group ${nameOf(name)}`;
  if (!global.entries.some(({ value }) => value?.endsWith(word))) {
    remarks.neverInForce(line, `track_group ${name}`, "nothing static is in it");
    return;
  }
  const members = new Set<string>();
  for (const one of block ?? []) {
    const [keyword = ""] = one.words;
    if (keyword === "group") {
      for (const { words } of one.block ?? []) for (const word of words) members.add(word);
    } else remarks.neverInForce(one.line, `"${keyword}"`, "it is no part of track_group");
  }
  groups.set(name, { line, members });
}

/** `groups`: where each of them begins. */
export function addStatics(
  { block }: Statement,
  key: string,
  groups: ReadonlyMap<string, number>,
  { global, remarks, nameOf }: Around,
): void {
  for (const { words, line, text } of block ?? []) {
    const { rest: all, group } = withoutTrackGroup(words);
    const rest = all.filter((word) => word !== "use_vmac");
    if (rest.length < all.length) {
      remarks.neverInForce(line, `use_vmac in "${text}"`, "it is for virtual addresses");
    }
    if (group === "") {
      remarks.neverInForce(line, text, "track_group must have a name behind it");
      continue;
    }
    const why = group === undefined ? undefined : whyUnknown(group, groups, line);
    if (why !== undefined) remarks.neverInForce(line, `track_group in "${text}"`, why);
    const isAnywhere = rest.includes("dev") || global.has("default_interface");
    const dev = key === "static_ipaddress" && !isAnywhere ? ["dev", "eth0"] : [];
    const tracked = group !== undefined && why === undefined ? nameOf(group) : undefined;
    addLine(global, key, { words: [...rest, ...dev], line, text }, remarks, tracked);
  }
}
