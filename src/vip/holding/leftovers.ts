// What an earlier run that crashed left in the kernel: found by its mark, and removed before anything is held. What bears no
// mark is the machine's own, also when it is configured.

import {
  type Address,
  DUET_PROTO,
  keepsMarks,
  removeAddress,
  whoseIs,
} from "../../kernel/addresses.ts";
import { isSameRoute, isSameRule } from "../../kernel/alike.ts";
import { NETLINK_ROUTE, type Netlink, openNetlink, type Request } from "../../kernel/netlink.ts";
import type { Network } from "../../kernel/network.ts";
import { removeAllLike, removeMarkedHops6 } from "../../kernel/removals.ts";
import {
  listRoutes,
  type NewRoute,
  partsOf,
  type Route,
  removeReadRoute,
} from "../../kernel/routes.ts";
import { listRules, type Rule, removeReadRule } from "../../kernel/rules.ts";
import { listMarkedLinks, removeLinks } from "../../kernel/virtual-links.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Held, Vip, VirtualLink } from "../model.ts";
import { keepingSecondaries } from "./secondaries.ts";
import { type LinkOf, newRouteOf } from "./things.ts";

type Hands = { readonly netlink: Netlink; readonly network: Network; readonly log: Log };

/** What goes on: the static things of this configuration, and the interfaces that it names. */
export type Staying = {
  readonly statics: Held;
  readonly vrrpInstances: readonly { readonly link: Pick<VirtualLink, "name"> | null }[];
};

export function removeLeftovers({ statics, vrrpInstances }: Staying, hands: Hands): void {
  removeLeftoverLinks(new Set(vrrpInstances.map(({ link }) => link?.name)), hands);
  const { network, netlink, log } = hands;
  const present = network.addresses();
  const marks = keepsMarks(present);
  const found = present.map((raw) => {
    const { address, prefixLength, interfaceIndex } = raw;
    const device = network.linkByIndex(interfaceIndex)?.name ?? "";
    return { raw, interface: device, address, prefixLength, ours: whoseIs(raw, marks) === "duet" };
  });
  const leftovers = planLeftovers(found, statics.vips);
  for (const { interface: device, address } of leftovers) {
    log.warn({ interface: device, address }, "virtual address of an earlier run removed");
  }
  try {
    const removals = readRemovals(statics, network.link, log);
    const addresses = leftovers.map(({ raw }) => removeAddress(raw));
    removeAllLike(netlink, removals);
    keepingSecondaries(leftovers, () => netlink.batch(addresses));
  } catch (error) {
    log.error({ error: errorText(error) }, "what an earlier run left was not removed");
  }
}

/** Interfaces with duet's mark that are not configured any more; the others are used again. */
function removeLeftoverLinks(
  wanted: ReadonlySet<string | undefined>,
  { netlink, network, log }: Hands,
): void {
  const leftovers = listMarkedLinks(netlink).filter(({ name }) => !wanted.has(name));
  if (leftovers.length === 0) return;
  for (const { name } of leftovers) {
    log.warn({ interface: name }, "virtual interface of an earlier run removed");
  }
  for (const error of netlink.batch(removeLinks(leftovers.map(({ index }) => index))).values()) {
    log.error({ error: error.message }, "what an earlier run left was not removed");
  }
  for (const { name } of leftovers) network.look(name);
}

type Place = Pick<Address, "address" | "prefixLength"> & { readonly interface: string };

/**
 * At start nothing is held, so what duet put on was left by a run that crashed. What it did not put on is the machine's, configured
 * or not. `staying`: static ones, which go on as they are.
 */
export function planLeftovers<P extends Place & { readonly ours: boolean }>(
  present: readonly P[],
  staying: readonly Vip[],
): readonly P[] {
  const places = new Set(staying.map(placeOf));
  return present.filter((address) => address.ours && !places.has(placeOf(address)));
}

function placeOf({ interface: device, address, prefixLength }: Place): string {
  return `${address}/${prefixLength} ${device}`;
}

/** Marked rules and routes that are not static ones of this configuration. Hops beside the machine's are off already. */
function readRemovals(statics: Held, linkOf: LinkOf, log: Log): readonly Request[] {
  const wanted = statics.routes.map((route) => newRouteOf(route, linkOf));
  // Of a hop nothing more can be read: who puts the route on sees to the rest.
  const wantedHops = wanted.flatMap(partsOf).map((route): NewRoute => {
    const hops = route.hops.map((hop) => ({ ...hop, weight: 1 }));
    return { ...route, hops, source: null, mtu: null };
  });
  const isStatic = (route: Route): boolean => wanted.some((each) => isSameRoute(route, each));
  const isStaticHop = (hop: Route): boolean => wantedHops.some((each) => isSameRoute(hop, each));
  const isStaticRule = (rule: Rule): boolean =>
    statics.rules.some((each) => isSameRule(rule, each));
  // A socket that asks strictly.
  const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink", { strict: true });
  try {
    const rules = listRules(netlink, DUET_PROTO).filter((rule) => !isStaticRule(rule));
    const routes = listRoutes(netlink, DUET_PROTO).filter((route) => !isStatic(route));
    const hops = removeMarkedHops6(netlink, DUET_PROTO, isStaticHop);
    for (const { priority } of rules) {
      log.warn({ priority }, "virtual rule of an earlier run removed");
    }
    for (const { destination, prefixLength, table } of [...routes, ...hops]) {
      const route = `${destination}/${prefixLength} table ${table}`;
      log.warn({ route }, "virtual route of an earlier run removed");
    }
    return [...rules.map(removeReadRule), ...routes.map(removeReadRoute)];
  } finally {
    netlink.close();
  }
}
