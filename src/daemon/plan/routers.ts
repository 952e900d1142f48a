// The part of a plan that is about VRRP instances and sync groups: who goes on, who stops, what comes and goes in the kernel.

import type { Config, VrrpInstanceConfig } from "../../config/model.ts";
import type { PlanClass } from "../../control/plan.ts";
import type { InstanceStatus } from "../../control/status.ts";
import { nameOf } from "../../vip/holding/things.ts";
import type { Thing } from "../../vip/model.ts";
import { PRIORITY_OWNER } from "../../vrrp/model.ts";
import {
  electionOutlook,
  isMaster,
  type Move,
  planRouters,
  type RouterPlan,
} from "../vrrp/plan.ts";
import type { Change, Subjects } from "./subjects.ts";

type Add = Subjects["add"];

export function addRouters(
  before: Config,
  after: Config,
  statuses: readonly InstanceStatus[],
  add: Add,
): void {
  const plan = planRouters(before, after, statuses);
  const going = addStopped(plan, add);
  for (const { running, next } of plan.kept) {
    const { name } = running.config().vrrp;
    if (name !== next.vrrp.name) {
      const text = `it is "${name}" under another name: the election goes on`;
      add(titleOf(next.vrrp.name), { class: "connections_kept", text });
    }
    for (const text of electionOutlook(running, next)) {
      add(titleOf(next.vrrp.name), { class: "vip_moves", text });
    }
  }
  for (const next of plan.started) add(titleOf(next.vrrp.name), startOf(next));
  for (const move of plan.moves) {
    const title = move.instance === null ? "global" : titleOf(move.instance);
    add(title, moveOf(move, going.has(move.instance)));
  }
  addGroups(plan, after, add);
}

/** Gives their names. */
function addStopped({ stopped, started }: RouterPlan, add: Add): ReadonlySet<string | null> {
  const begun = new Map(started.map((next) => [next.vrrp.name, next]));
  for (const each of stopped) {
    const before = each.config();
    const next = begun.get(before.vrrp.name);
    const kind: PlanClass = isMaster(each) ? "vip_moves" : "connections_kept";
    const end = isMaster(each)
      ? "it is MASTER: it releases its addresses and says priority 0, and a backup takes over"
      : `it is ${each.status?.state ?? "INIT"} and ends`;
    const text = next === undefined ? end : `${otherRouter(before, next)}; ${end}`;
    add(titleOf(before.vrrp.name), { class: kind, text });
  }
  return new Set(stopped.map((each) => each.config().vrrp.name));
}

function otherRouter(before: VrrpInstanceConfig, next: VrrpInstanceConfig): string {
  const from = identityText(before);
  const to = identityText(next);
  return `it is another virtual router then${from === to ? "" : ` (${from} -> ${to})`}`;
}

function identityText({ vrrp, way, link }: VrrpInstanceConfig): string {
  const mode = way.peers.length === 0 ? "multicast" : "unicast";
  const above = link === null ? "" : ` above ${link.name}`;
  return `vrid ${vrrp.vrid} on ${vrrp.interface}, version ${vrrp.version}, ${mode}${above}`;
}

function startOf({ vrrp }: VrrpInstanceConfig): Change {
  return vrrp.priority === PRIORITY_OWNER
    ? { class: "vip_moves", text: "it starts as the owner of its addresses, and is MASTER at once" }
    : { class: "connections_kept", text: "it starts, and listens before it may become MASTER" };
}

function moveOf({ kind, thing, isReplaced }: Move, ends: boolean): Change {
  const verb = { on: "RTM_NEW", off: "RTM_DEL" }[kind];
  const operation = `${verb}${WORDS[thing.kind].message} ${lineOf(thing)}`;
  const what = `${WORDS[thing.kind].name} ${nameOf(thing)}`;
  if (kind === "on") {
    return { class: "connections_kept", text: `${what} put on`, operation };
  }
  if (isReplaced) {
    const text = `${what} taken off, to be put on another way in the same moment`;
    return { class: "connections_kept", text, operation };
  }
  const text = `${what} released`;
  return { class: ends ? "vip_moves" : "connections_cut", text, operation };
}

const WORDS = {
  address: { name: "VIP", message: "ADDR" },
  route: { name: "route", message: "ROUTE" },
  rule: { name: "rule", message: "RULE" },
} as const satisfies Readonly<Record<Thing["kind"], object>>;

function lineOf(thing: Thing): string {
  if (thing.kind !== "address") return nameOf(thing);
  const { address, prefixLength, interface: device, label } = thing.vip;
  return `${address}/${prefixLength} dev ${device}${label === null ? "" : ` label ${label}`}`;
}

/** Members are MASTER together or not at all: a group that is put together of both is not. */
function addGroups({ kept }: RouterPlan, { vrrpSyncGroups }: Config, add: Add): void {
  const stateOf = new Map(
    kept.map(({ running, next }) => [next.vrrp.name, running.status?.state ?? "INIT"] as const),
  );
  for (const { name, members } of vrrpSyncGroups) {
    const states = members.map((member) => stateOf.get(member) ?? "INIT");
    if (!states.includes("MASTER") || states.every((state) => state === "MASTER")) continue;
    const text = members.map((member, i) => `${member} ${states[i]}`).join(", ");
    add(`vrrp_sync_group.${name}`, {
      class: "vip_moves",
      text: `its members are MASTER together or not at all: ${text}`,
    });
  }
}

function titleOf(name: string): string {
  return `vrrp_instance.${name}`;
}
