// The interface of a virtual router's own: what its keys come to, and how it is printed.

import type { VirtualLink } from "../vip/model.ts";
import type { Draft, Section } from "./draft.ts";
import { familyOfInstance, isUnicast } from "./effective.ts";
import type { Row } from "./fields.ts";
import { yesNo } from "./plain-types.ts";
import { ipvlan, vmac } from "./values-vmac.ts";

const MAC_OCTETS = 6;

/** null = its addresses are on its interface. Both asked for is a problem that the rules report. */
export function virtualLinkOf(
  instance: Section<"vrrp_instance">,
  draft: Draft,
): VirtualLink | null {
  const { use_vmac, use_ipvlan, vmac_xmit_base, virtual_router_id: vrid = 0 } = instance.values;
  const inet6 = familyOfInstance(instance) === 6;
  const prefix = draft.global[0].values.vmac_prefix;
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
  return { kind: "ipvlan", name: name ?? usualName, mode, address, xmitBase, group };
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
