// Rules of the interfaces that virtual routers have of their own.

import type { VirtualLink } from "../../vip/model.ts";
import type { Report } from "../schema/lines.ts";
import { type Draft, lineOf, type Section } from "../schema/section.ts";
import { addressLinksOf } from "./address-links.ts";
import { heldLinesOf, isUnicast, priorityOf } from "./effective.ts";
import { virtualLinkOf } from "./virtual-link.ts";

type Instance = Section<"vrrp_instance">;
type Owner = {
  readonly instance: Instance;
  readonly link: VirtualLink;
  readonly below: string;
  readonly key: "use_vmac" | "use_ipvlan" | "use_vmac_addr";
  readonly line: number;
};

const KEYS = { macvlan: "use_vmac", ipvlan: "use_ipvlan" } as const;

export function judgeVirtualLinks(draft: Draft, report: Report): void {
  const owners: Owner[] = [];
  for (const instance of draft.vrrp_instance) {
    for (const owner of ownersOf(instance, draft)) {
      judgeOne(owner, draft, report);
      for (const other of owners) judgeTwo(other, owner, report);
      owners.push(owner);
    }
  }
}

function ownersOf(instance: Instance, draft: Draft): readonly Owner[] {
  const link = virtualLinkOf(instance, draft);
  const own = instance.values.interface ?? "";
  const owners: Owner[] = [];
  if (link !== null) {
    const key = KEYS[link.kind];
    owners.push({ instance, link, below: own, key, line: lineOf(instance, key) });
  }
  for (const each of addressLinksOf(instance, draft)) {
    const first = heldLinesOf(instance).find(
      ({ value }) => value.useVmac && (value.dev ?? own) === each.below,
    );
    const line = first?.line ?? lineOf(instance, "use_vmac_addr");
    const key = first === undefined ? "use_vmac_addr" : "use_vmac";
    owners.push({ instance, link: each, below: each.below, key, line });
  }
  return owners;
}

function judgeOne(owner: Owner, draft: Draft, report: Report): void {
  const { instance, link, below: parent, key, line } = owner;
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
  const sameParent = a.below === b.below;
  const [first, second] = [a.link, b.link];
  const where = `[${a.instance.title}] (line ${a.line})`;
  if (first.name === second.name) {
    report(
      b.line,
      `Cannot use ${b.key} ${second.name} twice: ${where} has it already (write another name, such as "${b.key} = name ${suggestedName(b)}")`,
    );
  } else if (sameParent && first.kind !== second.kind) {
    report(
      b.line,
      `Cannot use ${b.key} beside the ${a.key} of ${where}: an interface carries one kind of them`,
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

function suggestedName({ link, below }: Owner): string {
  return `${link.name}.${below}`.slice(0, NAME_BYTES_MAX);
}
