// An interface of the virtual router's own: rows, what they come to, and rules.

import type { VirtualLink } from "../../vip/model.ts";
import type { Row } from "../schema/fields.ts";
import type { Report } from "../schema/lines.ts";
import { yesNo } from "../schema/plain-types.ts";
import { type Draft, lineOf, type Section } from "../schema/section.ts";
import { familyOfInstance, isUnicast, priorityOf } from "./effective.ts";
import { ipvlan, vmac } from "./vmac-lines.ts";

const MAC_OCTETS = 6;

/** null = its addresses are on its interface. Both asked for is a problem that the rules report. */
export function virtualLinkOf(
  instance: Section<"vrrp_instance">,
  draft: Draft,
): VirtualLink | null {
  const { use_vmac, use_ipvlan, vmac_xmit_base, virtual_router_id: vrid = 0 } = instance.values;
  const inet6 = familyOfInstance(instance) === 6;
  const prefix = draft.global.values.vmac_prefix;
  const usualName = `${prefix}${inet6 ? "6" : ""}.${vrid}`;
  // A peer knows us by our own MAC.
  const xmitBase = vmac_xmit_base || isUnicast(instance);
  if (use_vmac?.on === true) {
    const { name, mac, group } = use_vmac;
    const written = (mac ?? `00:00:5e:00:${inet6 ? "02" : "01"}`).split(":");
    // RFC 5798 §7.3: the last octet is the VRID.
    const octets = [...written, vrid.toString(16).padStart(2, "0")].slice(0, MAC_OCTETS);
    return { kind: "macvlan", name: name ?? usualName, mac: octets.join(":"), xmitBase, group };
  }
  if (use_ipvlan?.on !== true) return null;
  const { name, mode, address, group } = use_ipvlan;
  return {
    kind: "ipvlan",
    name: name ?? usualName,
    mode: mode ?? "bridge",
    address,
    xmitBase,
    group,
  };
}

/** Where the addresses of an instance go. */
export type Place = {
  readonly interface: string;
  readonly link: VirtualLink | null;
  readonly family: 4 | 6;
};

/** One of the other family than the instance's never goes to the virtual link: that is of one family. */
export function interfaceFor(
  { address, dev }: { readonly address: string; readonly dev: string | null },
  place: Place,
): string {
  const { link } = place;
  if (dev !== null && dev !== place.interface) return dev;
  const ofFamily = address.includes(":") === (place.family === 6);
  return link !== null && ofFamily ? link.name : place.interface;
}

export function virtualLinkRowsOf(link: VirtualLink | null): readonly Row[] {
  if (link === null) return [];
  return [
    link.kind === "macvlan"
      ? ["use_vmac", vmac.print({ ...link, on: true })]
      : ["use_ipvlan", ipvlan.print({ ...link, on: true })],
    ["vmac_xmit_base", yesNo(link.xmitBase)],
  ];
}

type Instance = Section<"vrrp_instance">;
type Owner = { readonly instance: Instance; readonly link: VirtualLink; readonly line: number };

const KEYS = { macvlan: "use_vmac", ipvlan: "use_ipvlan" } as const;

export function judgeVirtualLinks(draft: Draft, report: Report): void {
  const owners: Owner[] = [];
  for (const instance of draft.vrrp_instance) {
    const link = virtualLinkOf(instance, draft);
    if (link === null) continue;
    const owner = { instance, link, line: lineOf(instance, KEYS[link.kind]) };
    judgeOne(owner, draft, report);
    for (const other of owners) judgeTwo(other, owner, report);
    owners.push(owner);
  }
}

function judgeOne({ instance, link, line }: Owner, draft: Draft, report: Report): void {
  const { interface: parent } = instance.values;
  const key = KEYS[link.kind];
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
