// One thing that a master holds: its name, its identity, and the requests that put it on and take it off.

import {
  type Address,
  addAddress,
  type NewAddress,
  removeAddress,
  renewAddress,
} from "../kernel/addresses.ts";
import type { Link } from "../kernel/links.ts";
import type { Request } from "../kernel/netlink.ts";
import { addRoute, type NewRoute, type Route as ReadRoute, removeRoute } from "../kernel/routes.ts";
import { addRule, type Rule as ReadRule, removeRule } from "../kernel/rules.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { Held, Route, Scope, Thing, Vip } from "./model.ts";

/** The interface of a VIP as it is now; undefined while it does not exist. */
export type LinkOf = (name: string) => Link | undefined;

/** Ready to be sent, or the interface that is missing. */
export type Readied =
  | { readonly ok: true; readonly request: Request }
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

/** Two things with the same identity are put on by the same request; both come from the same builder. */
export function identityOf(thing: Thing): string {
  return JSON.stringify(valueOf(thing));
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

export function isTracked(thing: Thing): boolean {
  return valueOf(thing).noTrack !== true;
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

/** Is it this one of the kernel? */
export function isAddress(
  thing: Thing,
  { address, interfaceIndex }: Pick<Address, "address" | "interfaceIndex">,
  linkOf: LinkOf,
): boolean {
  if (thing.kind !== "address" || thing.vip.address !== address) return false;
  return linkOf(thing.vip.interface)?.index === interfaceIndex;
}

export function isRoute(thing: Thing, { destination, prefixLength, table }: ReadRoute): boolean {
  if (thing.kind !== "route" || thing.route.destination !== destination) return false;
  return thing.route.prefixLength === prefixLength && thing.route.table === table;
}

export function isRule(thing: Thing, { family, priority }: ReadRule): boolean {
  return thing.kind === "rule" && thing.rule.family === family && thing.rule.priority === priority;
}

/** `renew`: an address starts its lease anew; what is not there is put on in any case. */
export function putOn(
  thing: Thing,
  linkOf: LinkOf,
  { leaseS, renew }: { readonly leaseS: number | null; readonly renew: boolean },
): Readied {
  switch (thing.kind) {
    case "address":
      return ofAddress(thing.vip, linkOf, leaseS, renew ? renewAddress : addAddress);
    case "route":
      return ofRoute(thing.route, linkOf, addRoute);
    case "rule":
      return { ok: true, request: addRule(thing.rule) };
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
      return { ok: true, request: removeRule(thing.rule) };
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
  const scope = scopeNumbers[vip.scope];
  return { ok: true, request: request({ ...vip, scope, interfaceIndex: link.index, leaseS }) };
}

function ofRoute(route: Route, linkOf: LinkOf, request: (route: NewRoute) => Request): Readied {
  const hops: NewRoute["hops"][number][] = [];
  for (const { via, interface: name, weight, onlink } of route.hops) {
    const link = name === null ? undefined : linkOf(name);
    if (name !== null && link === undefined) return { ok: false, missing: name };
    hops.push({ via, interfaceIndex: link?.index ?? null, weight, onlink });
  }
  return { ok: true, request: request({ ...route, hops }) };
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
