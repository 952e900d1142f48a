// What the two nodes of a pair say of themselves: their names, the sync daemons of IPVS, and which instances move together.

import { nameOf, type Section } from "../schema/section.ts";
import { syncGroupOf } from "../vrrp/effective.ts";
import {
  type Couple,
  headOf,
  type Instance,
  type Node,
  type Place,
  placeIn,
  placeText,
  type Tell,
} from "./node.ts";

export function judgeNodes(
  a: Node,
  b: Node,
  couples: readonly Couple<Instance>[],
  tell: Tell,
): void {
  judgeNames(a, b, tell);
  judgeSync(a, b, couples, tell);
  judgeGroups(a, couples, tell);
}

/** The default is the name of the host, which is not told. */
function judgeNames(a: Node, b: Node, tell: Tell): void {
  const [ours, theirs] = [a.draft.global, b.draft.global];
  const name = ours.values.router_id;
  if (name === undefined || name !== theirs.values.router_id) return;
  const other = placeIn({ node: b, section: theirs }, "router_id");
  tell({
    at: placeIn({ node: a, section: ours }, "router_id"),
    other,
    severity: "warning",
    message: `router_id is "${name}", and at ${placeText(other)} too: status, mail and metrics of the two nodes look alike`,
  });
}

function judgeSync(a: Node, b: Node, couples: readonly Couple<Instance>[], tell: Tell): void {
  const [ours, theirs] = [a.config.lvs.sync, b.config.lvs.sync];
  const [at, other] = [a, b].map((node) =>
    placeIn({ node, section: node.draft.global }, "lvs_sync_daemon"),
  );
  if (at === undefined || other === undefined) return;
  const say = (message: string, severity: "error" | "warning"): void =>
    tell({ at, other, severity, message });
  if (ours === null || theirs === null) {
    if (ours === theirs) return;
    const which = ours === null ? "is not there, and is" : "is there, and not";
    return say(
      `lvs_sync_daemon ${which} at ${placeText(other)}: connections do not survive a failover`,
      "warning",
    );
  }
  for (const [word, key, byDefault] of [
    ["id", "syncId", undefined],
    ["group", "group", "224.0.0.81"],
    ["port", "port", 8848],
  ] as const) {
    const [one, two] = [ours[key] ?? byDefault, theirs[key] ?? byDefault];
    if (one === two) continue;
    say(
      `The ${word} of lvs_sync_daemon is ${one}, and ${two} at ${placeText(other)}: the daemons hear nothing of each other, and connections do not survive a failover`,
      "error",
    );
  }
  const couple = couples.find(({ a: { section } }) => nameOf(section) === ours.instance);
  const partner = couple === undefined ? null : nameOf(couple.b.section);
  if (ours.instance === null || theirs.instance === null || partner === theirs.instance) return;
  say(
    `lvs_sync_daemon goes by [vrrp_instance.${ours.instance}], and by [vrrp_instance.${theirs.instance}] at ${placeText(other)}, which is another virtual router: both nodes may tell, or both listen`,
    "warning",
  );
}

type Group = Section<"vrrp_sync_group">;

function judgeGroups(a: Node, couples: readonly Couple<Instance>[], tell: Tell): void {
  const partners = new Map(couples.map((one) => [nameOf(one.a.section), one]));
  const told = new Set<Group>();
  for (const { a: ours, b: theirs } of couples) {
    const [group, other] = [groupOf(ours), groupOf(theirs)];
    if (group === undefined && other === undefined) continue;
    if (group !== undefined && told.has(group)) continue;
    if (group !== undefined) told.add(group);
    const here = membersOf(group).map((name) => {
      const partner = partners.get(name)?.b.section;
      return partner === undefined ? null : nameOf(partner);
    });
    const there = membersOf(other);
    const isSame = here.length === there.length && there.every((name) => here.includes(name));
    if (!isSame) tellGroups(ours, theirs, tell);
  }
  for (const group of a.draft.vrrp_sync_group) judgeWinners(group, a, partners, tell);
}

function tellGroups(ours: Instance, theirs: Instance, tell: Tell): void {
  const [at, other] = [ours, theirs].map((one) => placeOfGroup(one));
  if (at === undefined || other === undefined) return;
  const what = (one: Instance): string => {
    const members = membersOf(groupOf(one));
    return members.length === 0 ? "in no sync group" : `in a sync group of ${members.join(", ")}`;
  };
  tell({
    at,
    other,
    severity: "warning",
    message: `[${ours.section.title}] is ${what(ours)}, and ${what(theirs)} at ${placeText(other)}: the two nodes do not move the same instances together`,
  });
}

function placeOfGroup(one: Instance): Place {
  const { node } = one;
  const group = groupOf(one);
  return group === undefined ? headOf(one) : placeIn({ node, section: group }, "group");
}

function groupOf({ node, section }: Instance): Group | undefined {
  return syncGroupOf(section, node.draft);
}

function membersOf(group: Group | undefined): readonly string[] {
  return group?.values.group.map(({ value }) => value) ?? [];
}

/** One member that wins here and one that wins there pull the group to and fro. */
function judgeWinners(
  group: Group,
  node: Node,
  partners: ReadonlyMap<string, Couple<Instance>>,
  tell: Tell,
): void {
  const leads = membersOf(group).flatMap((name) => {
    const couple = partners.get(name);
    if (couple === undefined) return [];
    const lead = couple.a.made.vrrp.priority - couple.b.made.vrrp.priority;
    return lead === 0 ? [] : [{ name, couple, lead }];
  });
  const [won, lost] = [leads.find(({ lead }) => lead > 0), leads.find(({ lead }) => lead < 0)];
  if (won === undefined || lost === undefined) return;
  const other = placeIn(lost.couple.b, "priority");
  tell({
    at: placeIn({ node, section: group }, "group"),
    other,
    severity: "warning",
    message: `[${group.title}] has ${won.name}, whose priority is higher on this node, and ${lost.name}, whose priority is higher on the other one (${placeText(other)}): its members are MASTER together, so they need the same order of priorities`,
  });
}
