// Finds by its mark what an earlier run left in the kernel when it crashed, and removes it before anything is held. A thing
// without a mark is the machine's own, even when it is configured.

import {
  type Address,
  DUET_PROTO,
  keepsMarks,
  type ReadAddress,
  readAddresses,
  removeReadAddress,
  whoseIs,
} from "../../kernel/addresses.ts";
import { isSameAddress, isSameRoute, isSameRule } from "../../kernel/alike.ts";
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
import { type LinkOf, newAddressOf, newRouteOf } from "./things.ts";

type Hands = { readonly netlink: Netlink; readonly network: Network; readonly log: Log };

/** What goes on: the static things of this configuration, and the interfaces that it names. */
export type Staying = {
  readonly statics: Held;
  readonly vrrpInstances: readonly { readonly link: Pick<VirtualLink, "name"> | null }[];
};

export function removeLeftovers({ statics, vrrpInstances }: Staying, hands: Hands): void {
  removeLeftoverLinks(new Set(vrrpInstances.map(({ link }) => link?.name)), hands);
  const { network, netlink, log } = hands;
  const leftovers = readLeftovers(statics.vips, hands);
  for (const { interface: device, address } of leftovers) {
    log.warn({ interface: device, address }, "virtual address of an earlier run removed");
  }
  try {
    const removals = readRemovals(statics, network.link, log);
    const addresses = leftovers.map(removeReadAddress);
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

type Leftover = Pick<Address, "address" | "prefixLength"> &
  Pick<ReadAddress, "body"> & { readonly interface: string };

/**
 * At start nothing is held, so what duet put on was left by a run that crashed. What it did not put on is the machine's, configured
 * or not. `staying`: static ones, which go on where they are exactly these.
 */
function readLeftovers(staying: readonly Vip[], { netlink, network }: Hands): readonly Leftover[] {
  const present = readAddresses(netlink);
  const marks = keepsMarks(present.map(({ address }) => address));
  return present.flatMap(({ address: raw, body }) => {
    const { address, prefixLength } = raw;
    const link = network.linkByIndex(raw.interfaceIndex);
    if (whoseIs(raw, marks) !== "duet" || link === undefined) return [];
    const isSame = (vip: Vip): boolean =>
      vip.address === address &&
      vip.interface === link.name &&
      isSameAddress({ body }, newAddressOf(vip, link, null), link.name);
    return staying.some(isSame) ? [] : [{ interface: link.name, address, prefixLength, body }];
  });
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
