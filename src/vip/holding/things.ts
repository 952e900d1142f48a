// One thing that a master holds: its name, its identity, and the requests that put it on and take it off.

import {
  type Address,
  addAddress,
  type NewAddress,
  removeAddress,
  renewAddress,
} from "../../kernel/addresses.ts";
import type { Link } from "../../kernel/links.ts";
import type { Request } from "../../kernel/netlink.ts";
import {
  addRoute,
  type NewRoute,
  partsOf,
  type Route as ReadRoute,
  removeRoute,
} from "../../kernel/routes.ts";
import { addRule, type Rule as ReadRule, removeRule } from "../../kernel/rules.ts";
import { familyOf } from "../../lib/ip.ts";
import { unreachable } from "../../lib/unreachable.ts";
import type { Held, Route, Scope, Thing, Vip } from "../model.ts";

/** The interface of a VIP as it is now; undefined while it does not exist. */
export type LinkOf = (name: string) => Link | undefined;

/** Ready to be sent, or the interface that is missing. */
export type Readied =
  | { readonly ok: true; readonly requests: readonly Request[] }
  | { readonly ok: false; readonly missing: string };

// linux/rtnetlink.h, RT_SCOPE_*
const scopeNumbers: Record<Scope, number> = {
  global: 0,
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
};

/** In the order in which they go on: routes may need the addresses, rules choose the routes. */
export function thingsOf({ vips, routes, rules }: Held): readonly Thing[] {
  return [
    ...vips.map((vip): Thing => ({ kind: "address", vip })),
    ...routes.map((route): Thing => ({ kind: "route", route })),
    ...rules.map((rule): Thing => ({ kind: "rule", rule })),
  ];
}

/** Two things with the same identity are the same to the kernel; both come from the same builder. */
export function identityOf(thing: Thing): string {
  return JSON.stringify({
    ...valueOf(thing),
    line: undefined,
    noTrack: undefined,
    trackGroup: undefined,
  });
}

/** Where a thing is in the kernel: of two with the same place only one can be there. */
export function placeOf(thing: Thing): string {
  if (thing.kind === "route") return placeOfRoute(thing);
  if (thing.kind === "rule") return `rule ${identityOf(thing)}`;
  const { interface: device, address, prefixLength, peer } = thing.vip;
  return familyOf(address) === 6
    ? `${device} ${address}`
    : `${device} ${address}/${prefixLength} ${peer ?? ""}`;
}

/** In IPv6 two routes with the same hops and metric are the same one, whatever else they say (fib6_add_rt2node()). */
function placeOfRoute(thing: Thing & { readonly kind: "route" }): string {
  const { destination, metric, hops } = thing.route;
  if (familyOf(destination) !== 6) return `route ${identityOf(thing)}`;
  const ways = hops.map(({ via, interface: device }) => `${via} ${device}`);
  return `route ${keyOfRoute(thing.route)} ${metric} ${ways.join()}`;
}

/** A message of the kernel is about this thing only if it has the same key. */
export function keyOfThing(thing: Thing): string {
  switch (thing.kind) {
    case "address":
      return thing.vip.address;
    case "route":
      return keyOfRoute(thing.route);
    case "rule":
      return keyOfRule(thing.rule);
    default:
      return unreachable(thing);
  }
}

export function keyOfGone(gone: Gone): string {
  switch (gone.kind) {
    case "address":
      return gone.address.address;
    case "route":
      return keyOfRoute(gone.route);
    case "rule":
      return keyOfRule(gone.rule);
    default:
      return unreachable(gone);
  }
}

/** One thing that the kernel told of, as it says it. */
export type Gone = { readonly portId: number | null } & (
  | { readonly kind: "address"; readonly address: Address }
  | { readonly kind: "route"; readonly route: ReadRoute }
  | { readonly kind: "rule"; readonly rule: ReadRule }
);

/** The key is the same: is it this thing? The address may be on another interface too. */
export function isGone(thing: Thing, gone: Gone, linkOf: LinkOf): boolean {
  if (thing.kind !== gone.kind) return false;
  if (thing.kind !== "address" || gone.kind !== "address") return true;
  return linkOf(thing.vip.interface)?.index === gone.address.interfaceIndex;
}

function keyOfRoute(route: Pick<ReadRoute, "destination" | "prefixLength" | "table">): string {
  return `${route.destination}/${route.prefixLength} table ${route.table}`;
}

function keyOfRule({ family, priority }: Pick<ReadRule, "family" | "priority">): string {
  return `rule ${family} ${priority}`;
}

/** As an operator writes it. */
export function nameOf(thing: Thing): string {
  switch (thing.kind) {
    case "address":
      return thing.vip.address;
    case "route":
      return thing.route.line;
    case "rule":
      return thing.rule.line;
    default:
      return unreachable(thing);
  }
}

export function isOfNetwork6(thing: Thing): thing is Thing & { readonly kind: "address" } {
  if (thing.kind !== "address") return false;
  return thing.vip.prefixLength < 128 && familyOf(thing.vip.address) === 6;
}

export function isTracked(thing: Thing): boolean {
  return valueOf(thing).noTrack !== true;
}

/** By which instances track it; undefined = they do not. */
export function trackGroupOf(thing: Thing): string | undefined {
  return valueOf(thing).trackGroup;
}

/** Every interface that it needs. */
export function interfacesOf(thing: Thing): readonly string[] {
  switch (thing.kind) {
    case "address":
      return [thing.vip.interface];
    case "route":
      return thing.route.hops.flatMap((hop) => (hop.interface === null ? [] : [hop.interface]));
    case "rule":
      return [];
    default:
      return unreachable(thing);
  }
}

/** Under a lease that others with the same network must not feel: see lease.ts. */
export type SharesRoute = (vip: Vip) => boolean;

/** `renew`: an address starts its lease anew; what is not there is put on in any case. */
export function putOn(
  thing: Thing,
  linkOf: LinkOf,
  how: {
    readonly leaseS: number | null;
    readonly renew: boolean;
    readonly sharesRoute: SharesRoute;
  },
): Readied {
  switch (thing.kind) {
    case "address": {
      const { vip } = thing;
      const request = how.renew ? renewAddress : addAddress;
      const shares = how.leaseS !== null && how.sharesRoute(vip);
      return ofAddress(shares ? { ...vip, noPrefixRoute: true } : vip, linkOf, how.leaseS, request);
    }
    case "route":
      return ofRoute(thing.route, linkOf, addRoute);
    case "rule":
      return { ok: true, requests: [addRule(thing.rule)] };
    default:
      return unreachable(thing);
  }
}

export function takeOff(thing: Thing, linkOf: LinkOf): Readied {
  switch (thing.kind) {
    case "address":
      return ofAddress(thing.vip, linkOf, null, removeAddress);
    case "route":
      return ofRoute(thing.route, linkOf, removeRoute);
    case "rule":
      return { ok: true, requests: [removeRule(thing.rule)] };
    default:
      return unreachable(thing);
  }
}

function ofAddress(
  vip: Vip,
  linkOf: LinkOf,
  leaseS: number | null,
  request: (address: NewAddress) => Request,
): Readied {
  const link = linkOf(vip.interface);
  if (link === undefined) return { ok: false, missing: vip.interface };
  return { ok: true, requests: [request(newAddressOf(vip, link, leaseS))] };
}

export function newAddressOf(
  vip: Vip,
  { index }: Pick<Link, "index">,
  leaseS: number | null,
): NewAddress {
  return { ...vip, scope: scopeNumbers[vip.scope], interfaceIndex: index, leaseS };
}

function ofRoute(route: Route, linkOf: LinkOf, request: (route: NewRoute) => Request): Readied {
  const missing = interfacesOf({ kind: "route", route }).find((name) => linkOf(name) === undefined);
  if (missing !== undefined) return { ok: false, missing };
  return { ok: true, requests: partsOf(newRouteOf(route, linkOf)).map(request) };
}

/** With the numbers of its interfaces, as far as there are such. */
export function newRouteOf(route: Route, linkOf: LinkOf): NewRoute {
  const hops = route.hops.map(({ via, interface: name, weight, onlink }) => {
    const interfaceIndex = name === null ? null : (linkOf(name)?.index ?? null);
    return { via, interfaceIndex, weight, onlink };
  });
  return { ...route, hops };
}

function valueOf(thing: Thing): Vip | Held["routes"][number] | Held["rules"][number] {
  switch (thing.kind) {
    case "address":
      return thing.vip;
    case "route":
      return thing.route;
    case "rule":
      return thing.rule;
    default:
      return unreachable(thing);
  }
}
