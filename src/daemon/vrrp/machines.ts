// What is the machine's own where a virtual thing is to be: an address that bears no mark of duet, or a route that says who made
// it in somebody else's name. It is used as it is: never renewed, which would put it under a lease, and never taken off.

import {
  type Address,
  addressPlace,
  keepsMarks,
  listAddresses,
  type Whose,
  whoseIs,
} from "../../kernel/addresses.ts";
import type { Netlink } from "../../kernel/netlink.ts";
import type { Log } from "../../lib/log.ts";
import type { LinkOf } from "../../vip/apply.ts";
import type { Thing } from "../../vip/model.ts";
import { nameOf, placeOf } from "../../vip/things.ts";

export type Machines = {
  /** They were there when they were to be put on: which of them are duet's? */
  readonly found: (things: readonly Thing[]) => readonly Thing[];
  /** duet has put them on. */
  readonly put: (things: readonly Thing[]) => void;
  /** Those that duet put on, or may put on. */
  readonly without: (things: readonly Thing[]) => readonly Thing[];
  /** Those IPv6 addresses of duet that are there. */
  readonly withRouteOf6: (things: readonly Thing[]) => readonly Thing[];
  readonly isThere: (thing: Thing & { readonly kind: "address" }) => boolean;
};

type Place = Parameters<typeof addressPlace>[0];

export function openMachines(parts: {
  readonly netlink: Netlink;
  readonly linkOf: LinkOf;
  /** As it was heard. */
  readonly whoseAt: (place: Place) => Whose | undefined;
  readonly log: Log;
}): Machines {
  const { netlink, linkOf, log } = parts;
  /** Found there when ours was to be put on. */
  const known = new Set<string>();
  const told = new Set<string>();

  function found(things: readonly Thing[]): readonly Thing[] {
    const present = things.some(({ kind }) => kind === "address") ? listAddresses(netlink) : [];
    const marks = keepsMarks(present);
    const at = new Map(present.map((address) => [addressPlace(address), address]));
    return things.filter((thing) => {
      const there = thing.kind === "address" ? at.get(keyOf(thing) ?? "") : undefined;
      if (there !== undefined && whoseIs(there, marks) === "duet") {
        known.delete(placeOf(thing));
        return true;
      }
      // A route that bears the mark is there as exactly this one, or it was not there.
      if (there === undefined && !isUnmarked(thing)) return false;
      known.add(placeOf(thing));
      tell(thing);
      return false;
    });
  }

  function tell(thing: Thing): void {
    const place = placeOf(thing);
    if (told.has(place)) return;
    told.add(place);
    log.warn({ [thing.kind]: nameOf(thing) }, `${thing.kind} of this machine, left as it is`);
  }

  function keyOf({ vip }: Thing & { readonly kind: "address" }): string | undefined {
    const interfaceIndex = linkOf(vip.interface)?.index;
    return interfaceIndex === undefined ? undefined : addressPlace({ ...vip, interfaceIndex });
  }

  function isMachines(thing: Thing): boolean {
    if (known.size > 0 && known.has(placeOf(thing))) return true;
    // Somebody took an address of ours for his own ("ip address replace").
    const isNow = whoseNow(thing) === "machine";
    if (isNow) tell(thing);
    return isNow;
  }

  function whoseNow(thing: Thing): Whose | undefined {
    if (thing.kind !== "address") return undefined;
    const interfaceIndex = linkOf(thing.vip.interface)?.index;
    return interfaceIndex === undefined
      ? undefined
      : parts.whoseAt({ ...thing.vip, interfaceIndex });
  }

  return {
    found,
    put(things) {
      if (told.size === 0) return;
      for (const place of things.map(placeOf)) {
        known.delete(place);
        told.delete(place);
      }
    },
    without: (things) => things.filter((thing) => !isMachines(thing)),
    withRouteOf6(things) {
      const leased = things.filter((thing) => isOf6(thing));
      if (leased.length === 0) return [];
      // By the kernel's own word: what was heard may be older than what was put on in this turn.
      const present = listAddresses(netlink);
      const marks = keepsMarks(present);
      const ours = present.filter((address) => whoseIs(address, marks) === "duet");
      const places = new Set(ours.map((address) => addressPlace(address)));
      return leased.filter((thing) => places.has(keyOf(thing) ?? ""));
    },
    isThere(thing) {
      const key = keyOf(thing);
      return listAddresses(netlink).some((address: Address) => addressPlace(address) === key);
    },
  };
}

function isOf6(thing: Thing): thing is Thing & { readonly kind: "address" } {
  return thing.kind === "address" && thing.vip.address.includes(":");
}

function isUnmarked(thing: Thing): boolean {
  return thing.kind === "route" && thing.route.protocol !== null;
}
