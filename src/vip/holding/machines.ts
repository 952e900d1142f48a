// Finds what the machine itself has where a virtual thing is to be: an address without duet's mark, or a route whose protocol
// is somebody else's. Such a thing is used as it is: a renewal would put it under a lease, and it is never taken off.

import {
  type Address,
  addressPlace,
  keepsMarks,
  listAddresses,
  type Whose,
  whoseIs,
} from "../../kernel/addresses.ts";
import type { Netlink } from "../../kernel/netlink.ts";
import { familyOf } from "../../lib/ip.ts";
import type { Log } from "../../lib/log.ts";
import type { Thing } from "../model.ts";
import { addThings, type Failure, type LinkOf, removeThings } from "./apply.ts";
import { nameOf, placeOf, type SharesRoute } from "./things.ts";

export type Machines = {
  /** They were there when they were to be put on: which of them are duet's, and need to be renewed? */
  readonly found: (things: readonly Thing[]) => readonly Thing[];
  /** duet has put them on. */
  readonly put: (things: readonly Thing[]) => void;
  /** Why it cannot be put on beside what this machine has. */
  readonly inTheWayOf: (thing: Thing) => Failure | undefined;
  /** Those that duet put on, or may put on. */
  readonly without: (things: readonly Thing[]) => readonly Thing[];
  /** Beside an address of this machine whose route must not get our lease. */
  readonly sharesRoute: SharesRoute;
  /** Those IPv6 addresses of duet that are there, with a lease that their route has too. */
  readonly withRouteOf6: (things: readonly Thing[]) => readonly Thing[];
  readonly isThere: (thing: AddressThing) => boolean;
};

type AddressThing = Thing & { readonly kind: "address" };
type RouteThing = Thing & { readonly kind: "route" };

const MACHINE_HAS_ROUTE =
  "this machine has a route to the same place with the same hop and metric: another metric keeps them apart";

type There = Pick<Address, "route"> & { readonly whose: Whose };
type Place = Parameters<typeof addressPlace>[0];

type Kernel = { readonly netlink: Netlink; readonly linkOf: LinkOf };

export function openMachines(
  parts: Kernel & {
    /** As it was heard. */
    readonly network: {
      readonly whoseAt: (place: Place) => Whose | undefined;
      readonly sharesRoute: (place: Place) => boolean;
    };
    readonly log: Log;
  },
): Machines {
  const { linkOf, network, log } = parts;
  /** Found there when ours was to be put on. */
  const known = new Set<string>();
  const told = new Set<string>();
  const inTheWay = new Map<string, Failure>();

  function found(things: readonly Thing[]): readonly Thing[] {
    const there = thereOf(parts, things);
    return things.filter((thing) => {
      if (thing.kind === "route") lookAtRoute(thing);
      const owner = there.get(thing)?.whose;
      if (owner === "duet") known.delete(placeOf(thing));
      else if (owner !== undefined) knowAndTell(thing);
      return owner === "duet";
    });
  }

  /** In IPv4 a route that bears the mark is there as exactly this one, or it was not there. */
  function lookAtRoute(thing: RouteThing): void {
    const { protocol, source, mtu, destination } = thing.route;
    inTheWay.delete(placeOf(thing));
    if (protocol !== null) return knowAndTell(thing);
    if (familyOf(destination) === 4 || !isMachines6(parts, thing)) return;
    // Its removal names the mark, so it is not kept from being removed.
    if (source === null && mtu === null) tell(thing);
    else inTheWay.set(placeOf(thing), { thing, cause: MACHINE_HAS_ROUTE, interfaceGone: false });
  }

  function knowAndTell(thing: Thing): void {
    known.add(placeOf(thing));
    tell(thing);
  }

  function tell(thing: Thing): void {
    const place = placeOf(thing);
    if (told.has(place)) return;
    told.add(place);
    log.warn({ [thing.kind]: nameOf(thing) }, `${thing.kind} of this machine, left as it is`);
  }

  function isMachines(thing: Thing): boolean {
    if (known.size > 0 && known.has(placeOf(thing))) return true;
    // Somebody took an address of ours for his own ("ip address replace").
    const place = thing.kind === "address" ? placeAt(thing, linkOf) : undefined;
    const isNow = place !== undefined && network.whoseAt(place) === "machine";
    if (isNow) tell(thing);
    return isNow;
  }

  return {
    found,
    put(things) {
      if (told.size + inTheWay.size === 0) return;
      for (const place of things.map(placeOf)) {
        known.delete(place);
        told.delete(place);
        inTheWay.delete(place);
      }
    },
    inTheWayOf: (thing) => (inTheWay.size === 0 ? undefined : inTheWay.get(placeOf(thing))),
    without: (things) => things.filter((thing) => !isMachines(thing)),
    sharesRoute(vip) {
      const place = placeAt({ vip }, linkOf);
      return place !== undefined && network.sharesRoute(place);
    },
    withRouteOf6: (things) => withRouteOf6(parts, things),
    isThere: (thing) => thereOf(parts, [thing]).size > 0,
  };
}

function withRouteOf6(kernel: Kernel, things: readonly Thing[]): readonly Thing[] {
  const there = thereOf(
    kernel,
    things.filter((thing) => isOf6(thing)),
  );
  return things.filter((thing) => {
    const { whose, route } = there.get(thing) ?? {};
    return whose === "duet" && route === "expires";
  });
}

function isOf6(thing: Thing): boolean {
  return thing.kind === "address" && familyOf(thing.vip.address) === 6;
}

/** Hop by hop, as the kernel has them. */
function waysOf({ kind, route }: RouteThing): readonly Thing[] {
  const { hops } = route;
  return hops.length === 0
    ? [{ kind, route }]
    : hops.map((hop) => ({ kind, route: { ...route, hops: [hop] } }));
}

/** Of addresses that are there, by the kernel's own word: what was heard may be older than what was put on in this turn. */
function thereOf({ netlink, linkOf }: Kernel, things: readonly Thing[]): ReadonlyMap<Thing, There> {
  const addresses = things.filter((thing) => thing.kind === "address");
  if (addresses.length === 0) return new Map();
  const present = listAddresses(netlink);
  const marks = keepsMarks(present);
  const at = new Map(present.map((address) => [addressPlace(address), address]));
  return new Map(
    addresses.flatMap((thing) => {
      const there = at.get(keyOf(thing, linkOf) ?? "");
      if (there === undefined) return [];
      return [[thing, { whose: whoseIs(there, marks), route: there.route }]];
    }),
  );
}

/** In IPv6 the mark is no difference to the kernel. What bears it can be taken off and put on again; the machine's cannot. */
function isMachines6({ netlink, linkOf }: Kernel, thing: RouteThing): boolean {
  const ways = waysOf(thing);
  removeThings(netlink, ways, linkOf);
  const { changed, failed } = addThings(netlink, ways, linkOf, null);
  return changed.length + failed.length < ways.length;
}

function placeAt({ vip }: Pick<AddressThing, "vip">, linkOf: LinkOf): Place | undefined {
  const interfaceIndex = linkOf(vip.interface)?.index;
  return interfaceIndex === undefined ? undefined : { ...vip, interfaceIndex };
}

function keyOf(thing: AddressThing, linkOf: LinkOf): string | undefined {
  const place = placeAt(thing, linkOf);
  return place && addressPlace(place);
}
