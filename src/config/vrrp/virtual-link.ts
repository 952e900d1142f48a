// An interface of the virtual router's own: what its rows come to.

import type { AddressLink, VirtualLink } from "../../vip/model.ts";
import type { Row } from "../schema/fields.ts";
import { yesNo } from "../schema/plain-types.ts";
import type { Draft, Section } from "../schema/section.ts";
import { familyOfInstance, isUnicast } from "./effective.ts";
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
    const { name, group } = use_vmac;
    const mac = vmacOf(use_vmac.mac, inet6 ? 6 : 4, vrid);
    return { kind: "macvlan", name: name ?? usualName, mac, xmitBase, group };
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

/** RFC 5798 §7.3: the last octet is the VRID. */
export function vmacOf(written: string | null, family: 4 | 6, vrid: number): string {
  const octets = (written ?? `00:00:5e:00:${family === 6 ? "02" : "01"}`).split(":");
  return [...octets, vrid.toString(16).padStart(2, "0")].slice(0, MAC_OCTETS).join(":");
}

/** Where the addresses of an instance go. */
export type Place = {
  readonly interface: string;
  readonly link: VirtualLink | null;
  readonly family: 4 | 6;
  readonly addressLinks: readonly AddressLink[];
};

export function virtualLinkRowsOf(link: VirtualLink | null): readonly Row[] {
  if (link === null) return [];
  return [
    link.kind === "macvlan"
      ? ["use_vmac", vmac.print({ ...link, on: true })]
      : ["use_ipvlan", ipvlan.print({ ...link, on: true })],
    ["vmac_xmit_base", yesNo(link.xmitBase)],
  ];
}
