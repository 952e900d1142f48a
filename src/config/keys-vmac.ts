// The table of keys: an interface of the virtual router's own.

import { bool } from "./plain-types.ts";
import type { KeySpec } from "./spec.ts";
import { ipvlan, vmac, vmacPrefix } from "./values-vmac.ts";

/** Of [vrrp_instance.*]. */
// biome-ignore format: a table, a row a key
export const virtualLinkRows = {
  use_vmac: { type: vmac, bare: "yes", otherwise: "no", example: "yes", level: "basic",
    doc: "The virtual router has an interface and a MAC of its own, which clients keep across a failover: yes, or [[name] IF] [MAC] [group N]; IF is vrrp.VRID (IPv6: vrrp6.VRID), MAC 00:00:5e:00:01:VRID (IPv6: 02) where not written, and of 5 octets it ends with VRID" },
  vmac_xmit_base: { type: bool, default: "no",
    doc: "With use_vmac or use_ipvlan, adverts leave by the interface below, with its MAC; always so with unicast_peer[]" },
  use_ipvlan: { type: ipvlan, bare: "yes", otherwise: "no", example: "yes",
    doc: "As use_vmac, with the MAC of the interface below, for networks that let no other pass: yes, or [[name] IF] [ADDRESS[/LENGTH]] [bridge|private|vepa] [group N]; ADDRESS is the source of adverts" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const vmacGlobalRows = {
  vmac_prefix: { type: vmacPrefix, default: "vrrp",
    doc: "What the names of virtual interfaces begin with that use_vmac and use_ipvlan do not name" },
} as const satisfies Readonly<Record<string, KeySpec>>;
