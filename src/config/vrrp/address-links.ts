// Interfaces with the virtual MAC for addresses that are not on the instance's own interface, or not of its family: which an
// instance needs, and what they are called.

import { familyOf } from "../../lib/ip.ts";
import type { AddressLink } from "../../vip/model.ts";
import type { AddressLine } from "../schema/row.ts";
import type { Draft, Section } from "../schema/section.ts";
import { familyOfInstance, heldLinesOf } from "./effective.ts";
import { type Place, virtualLinkOf, vmacOf } from "./virtual-link.ts";

type Instance = Section<"vrrp_instance">;

export function addressLinkPrefixOf({ global }: Draft): string {
  return global.values.vmac_addr_prefix ?? global.values.vmac_prefix;
}

/** Where the addresses of an instance go. */
export function placeOf(instance: Instance, draft: Draft): Place {
  return {
    interface: instance.values.interface ?? "",
    link: virtualLinkOf(instance, draft),
    family: familyOfInstance(instance),
    addressLinks: addressLinksOf(instance, draft),
  };
}

/** What an address is on. One of the other family than the instance's never goes to its virtual link: that is of one family. */
export function interfaceFor(line: Pick<AddressLine, "address" | "dev">, place: Place): string {
  const below = line.dev ?? place.interface;
  const family = familyOf(line.address);
  if (place.link !== null && below === place.interface && family === place.family) {
    return place.link.name;
  }
  const own = place.addressLinks.find((each) => each.below === below && each.family === family);
  return own?.name ?? below;
}

/** Names are counted over all instances, so they are made for all of them at once. */
const known = new WeakMap<Draft, ReadonlyMap<Instance, readonly AddressLink[]>>();

export function addressLinksOf(instance: Instance, draft: Draft): readonly AddressLink[] {
  const links = known.get(draft) ?? linksOfAll(draft);
  known.set(draft, links);
  return links.get(instance) ?? [];
}

/** As in keepalived: vrrp.VRID, and vrrp1.VRID and up for those that come to a name that is taken. */
function linksOfAll(draft: Draft): ReadonlyMap<Instance, readonly AddressLink[]> {
  const taken = new Set<string>();
  for (const each of draft.vrrp_instance) {
    const name = virtualLinkOf(each, draft)?.name;
    if (name !== undefined) taken.add(name);
  }
  const prefix = addressLinkPrefixOf(draft);
  return new Map(
    draft.vrrp_instance.map((instance) => {
      const vrid = instance.values.virtual_router_id ?? 0;
      const links = wantedBy(instance, draft).map(({ below, family }): AddressLink => {
        const numbers = ["", ...Array.from({ length: taken.size + 1 }, (_, i) => i + 1)];
        if (family === 6) numbers[0] = 6;
        const names = numbers.map((number) => `${prefix}${number}.${vrid}`);
        const name = names.find((one) => !taken.has(one)) ?? "";
        taken.add(name);
        const mac = vmacOf(null, family, vrid);
        return { kind: "macvlan", name, mac, xmitBase: true, group: null, below, family };
      });
      return [instance, links];
    }),
  );
}

/** Each once, in the order of the file. */
function wantedBy(
  instance: Instance,
  draft: Draft,
): readonly Pick<AddressLink, "below" | "family">[] {
  const { interface: own, use_vmac_addr: isForAll } = instance.values;
  const link = virtualLinkOf(instance, draft);
  const ownFamily = familyOfInstance(instance);
  const wanted = new Map<string, Pick<AddressLink, "below" | "family">>();
  for (const { value } of heldLinesOf(instance)) {
    const below = value.dev ?? own ?? "";
    const family = familyOf(value.address) ?? 4;
    const isAtHome = below === own && family === ownFamily;
    if (below === link?.name || (isAtHome && link !== null)) continue;
    if (value.useVmac === true || (isForAll && !isAtHome)) {
      wanted.set(`${below} ${family}`, { below, family });
    }
  }
  return [...wanted.values()];
}
