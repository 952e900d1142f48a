// Rules of use_vmac, use_ipvlan and vmac_xmit_base.

import type { VirtualLink } from "../vip/model.ts";
import { type Draft, lineOf, type Section } from "./draft.ts";
import { isUnicast, priorityOf } from "./effective.ts";
import type { Report } from "./validate.ts";
import { virtualLinkOf } from "./virtual-link.ts";

type Instance = Section<"vrrp_instance">;
type Owner = { readonly instance: Instance; readonly link: VirtualLink; readonly line: number };

const KEYS = { macvlan: "use_vmac", ipvlan: "use_ipvlan" } as const;

export function judgeVirtualLinks(draft: Draft, report: Report): void {
  const owners: Owner[] = [];
  for (const instance of draft.vrrp_instance) {
    const link = virtualLinkOf(instance, draft);
    judgeXmitBase(instance, link, report);
    if (link === null) continue;
    const owner = { instance, link, line: lineOf(instance, KEYS[link.kind]) };
    judgeOne(owner, draft, report);
    for (const other of owners) judgeTwo(other, owner, report);
    owners.push(owner);
  }
}

function judgeXmitBase(instance: Instance, link: VirtualLink | null, report: Report): void {
  if (link !== null || !instance.values.vmac_xmit_base) return;
  report(
    lineOf(instance, "vmac_xmit_base"),
    "vmac_xmit_base is ignored without use_vmac or use_ipvlan",
    "warning",
  );
}

function judgeOne({ instance, link, line }: Owner, draft: Draft, report: Report): void {
  const { interface: parent, use_vmac, use_ipvlan } = instance.values;
  const key = KEYS[link.kind];
  if (use_vmac?.on === true && use_ipvlan?.on === true) {
    report(
      Math.max(line, lineOf(instance, "use_ipvlan")),
      "Cannot use use_vmac and use_ipvlan together: leave one of them out",
    );
  }
  if (parent === "lo") {
    report(line, `Cannot use ${key} on lo: it must be on an Ethernet interface`);
  }
  const takenBy = draft.vrrp_instance.find(({ values }) => values.interface === link.name);
  if (takenBy !== undefined) {
    report(
      line,
      `Cannot use ${key} ${link.name}: it is the interface of [${takenBy.title}] (write another name)`,
    );
  }
  if (priorityOf(instance) === 255) {
    report(
      line,
      `${key} with priority 255: the addresses are on ${parent} too, which does not answer for them with the virtual MAC (RFC 5798 §8.1.2); take them off there`,
      "warning",
    );
  }
  if (link.kind === "ipvlan" && link.address !== null && isUnicast(instance)) {
    report(
      line,
      `The address ${link.address.address} of use_ipvlan is ignored with unicast_peer[]: adverts leave by ${parent}`,
      "warning",
    );
  }
}

/** What two virtual routers cannot share. */
function judgeTwo(a: Owner, b: Owner, report: Report): void {
  const sameParent = a.instance.values.interface === b.instance.values.interface;
  const [first, second] = [a.link, b.link];
  const where = `[${a.instance.title}] (line ${a.line})`;
  if (first.name === second.name) {
    report(
      b.line,
      `Cannot use ${KEYS[second.kind]} ${second.name} twice: ${where} has it already (write another name, such as "${KEYS[second.kind]} = name ${suggestedName(b)}")`,
    );
  } else if (sameParent && first.kind !== second.kind) {
    report(
      b.line,
      `Cannot use ${KEYS[second.kind]} beside the ${KEYS[first.kind]} of ${where}: an interface carries one kind of them`,
    );
  } else if (
    sameParent &&
    first.kind === "macvlan" &&
    second.kind === "macvlan" &&
    first.mac === second.mac
  ) {
    report(b.line, `Cannot use the MAC ${second.mac} twice: ${where} has it on the same interface`);
  }
}

const NAME_BYTES_MAX = 15;

function suggestedName({ instance, link }: Owner): string {
  return `${link.name}.${instance.values.interface ?? ""}`.slice(0, NAME_BYTES_MAX);
}
