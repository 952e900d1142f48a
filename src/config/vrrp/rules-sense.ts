// What can be run, and is hardly what somebody meant of a virtual router: warnings. What only the other node's file lets know
// is told by pair/.

import type { Report } from "../schema/lines.ts";
import { type Draft, isGiven, lineOf, nameOf, type Section } from "../schema/section.ts";
import type { Surroundings } from "../surroundings.ts";
import { heldLinesOf, preempts, priorityOf } from "./effective.ts";

type Instance = Section<"vrrp_instance">;
type Group = Section<"vrrp_sync_group">;

export function judgeVrrpSense(draft: Draft, surroundings: Surroundings, report: Report): void {
  const virtual = new Set(
    draft.vrrp_instance.flatMap((instance) =>
      heldLinesOf(instance).map(({ value }) => value.address),
    ),
  );
  for (const instance of draft.vrrp_instance) {
    judgePeers(instance, virtual, surroundings, report);
    judgeNetworks(instance, surroundings, report);
    judgeDelay(instance, report);
  }
  const instances = new Map(draft.vrrp_instance.map((each) => [nameOf(each), each]));
  for (const group of draft.vrrp_sync_group) judgeOrder(group, instances, report);
}

/** Its own unicast_src_ip is refused; of other addresses of its own it gets its adverts back, and nobody else gets them. */
function judgePeers(
  instance: Instance,
  virtual: ReadonlySet<string>,
  { ownAddresses }: Surroundings,
  report: Report,
): void {
  const { unicast_peer: peers, unicast_src_ip: source } = instance.values;
  for (const { value, line } of peers) {
    const { address } = value;
    if (address === source) continue;
    const what = virtual.has(address)
      ? "a virtual address, which is on the master itself"
      : ownAddresses?.has(address) === true
        ? "an address of this machine"
        : undefined;
    if (what === undefined) continue;
    report(
      line,
      `unicast_peer ${address} of [${instance.title}] is ${what}: the other node hears no advert that goes there (it must be an address of the other node)`,
      "warning",
    );
  }
}

/** One with a prefix brings its network along. */
function judgeNetworks(instance: Instance, { isOnLink }: Surroundings, report: Report): void {
  for (const { value, line } of heldLinesOf(instance)) {
    const { address, prefixLength, peer } = value;
    const device = value.dev ?? instance.values.interface;
    const isAlone = prefixLength === (address.includes(":") ? 128 : 32);
    if (device === undefined || device === "lo" || !isAlone || peer !== undefined) continue;
    if (isOnLink(device, address) !== false) continue;
    report(
      line,
      `${address} of [${instance.title}] is in no network of ${device}, and has no prefix of its own: nobody on that network looks for it there (write it with its prefix, such as ${address}/${address.includes(":") ? 64 : 24}, unless a router has a route to it)`,
      "warning",
    );
  }
}

function judgeDelay(instance: Instance, report: Report): void {
  if (instance.values.preempt_delay === 0) return;
  const cause =
    instance.values.state === "MASTER"
      ? "state MASTER"
      : preempts(instance)
        ? undefined
        : "nopreempt";
  if (cause === undefined) return;
  report(
    lineOf(instance, "preempt_delay"),
    `Cannot keep preempt_delay with ${cause}, it is ignored: ${cause === "nopreempt" ? "there is no preemption to wait for" : "it is for instances with state = BACKUP on both nodes"}`,
    "warning",
  );
}

/** Members are MASTER together, so one order holds for all. What an owner does in a group is told by its own rule. */
function judgeOrder(group: Group, instances: ReadonlyMap<string, Instance>, report: Report): void {
  const members = group.values.group.flatMap(({ value }) => instances.get(value) ?? []);
  const priorities = members.map(priorityOf);
  const line = lineOf(group, "group");
  if (new Set(priorities).size > 1 && !priorities.includes(255)) {
    const told = members.map((each) => `${nameOf(each)} ${priorityOf(each)}`).join(", ");
    report(
      line,
      `[${group.title}] has members of different priorities (${told}), which are MASTER together: the other node has to be above all of them, or below all`,
      "warning",
    );
  }
  const patient = members.filter((each) => !preempts(each));
  const hasty = members.find(preempts);
  const [first] = patient;
  if (first === undefined || hasty === undefined) return;
  report(
    lineOf(first, isGiven(first, "nopreempt") ? "nopreempt" : "preempt"),
    `nopreempt of [${first.title}] has no effect in [${group.title}]: ${nameOf(hasty)} preempts, and takes all members with it`,
    "warning",
  );
}
