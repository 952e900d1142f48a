// What an earlier run that crashed left in the kernel: found by its mark, and removed before anything is held. What bears no
// mark is the machine's own, also when it is configured.

import type { Config } from "../../config/model.ts";
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
import { planLeftovers } from "../../vip/holding/plan.ts";
import { keepingSecondaries } from "../../vip/holding/secondaries.ts";
import { type LinkOf, newRouteOf } from "../../vip/holding/things.ts";

/** Interfaces with duet's mark that are not configured any more; the others are used again. */
function removeLeftoverLinks(
  { vrrpInstances }: Config,
  {
    netlink,
    network,
    log,
  }: { readonly netlink: Netlink; readonly network: Network; readonly log: Log },
): void {
  const wanted = new Set(vrrpInstances.map(({ link }) => link?.name));
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

export function removeLeftovers(
  config: Config,
  {
    network,
    netlink,
    log,
  }: { readonly network: Network; readonly netlink: Netlink; readonly log: Log },
): void {
  removeLeftoverLinks(config, { network, netlink, log });
  const present = network.addresses();
  const marks = keepsMarks(present);
  const leftovers = planLeftovers(present.map(presentOf), config.statics.vips);
  for (const { interface: device, address } of leftovers) {
    log.warn({ interface: device, address }, "virtual address of an earlier run removed");
  }
  try {
    const removals = readRemovals(config, network.link, log);
    const addresses = leftovers.map(({ raw }) => removeAddress(raw));
    removeAllLike(netlink, removals);
    keepingSecondaries(leftovers, () => netlink.batch(addresses));
  } catch (error) {
    log.error({ error: errorText(error) }, "what an earlier run left was not removed");
  }

  function presentOf(raw: Address): PresentAddress {
    const { address, prefixLength } = raw;
    const link = network.linkByIndex(raw.interfaceIndex)?.name ?? "";
    const ours = whoseIs(raw, marks) === "duet";
    return { raw, interface: link, address, prefixLength, ours };
  }
}

type PresentAddress = {
  readonly raw: Address;
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly ours: boolean;
};

/** Marked rules and routes that are not static ones of this configuration. Hops beside the machine's are off already. */
function readRemovals({ statics }: Config, linkOf: LinkOf, log: Log): readonly Request[] {
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
