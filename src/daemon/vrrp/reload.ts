// What a reload means for the routers that run: which of them goes on as which configured instance, which stop, which
// start. Pure.

import type { VrrpInstanceConfig } from "../../config/model.ts";

type Running = { readonly config: () => VrrpInstanceConfig };

export type ReloadPlan<R> = {
  readonly kept: readonly { readonly running: R; readonly next: VrrpInstanceConfig }[];
  readonly stopped: readonly R[];
  readonly started: readonly VrrpInstanceConfig[];
};

/** A router is who it is on the wire, not what it is called: a name may change. */
export function planReload<R extends Running>(
  running: readonly R[],
  wanted: readonly VrrpInstanceConfig[],
): ReloadPlan<R> {
  const free = new Set(running);
  const byKey = new Map<string, R[]>();
  for (const each of running) {
    const key = routerKeyOf(each.config());
    byKey.set(key, [...(byKey.get(key) ?? []), each]);
  }
  const nextOf = new Map<VrrpInstanceConfig, R>();
  // Instances with the same identity have different peers: first those that are surely the same.
  for (const isSame of [sameName, samePeers, () => true]) {
    for (const next of wanted) {
      if (nextOf.has(next)) continue;
      const alike = byKey.get(routerKeyOf(next)) ?? [];
      const found = alike.find((each) => free.has(each) && isSame(each.config(), next));
      if (found === undefined) continue;
      free.delete(found);
      nextOf.set(next, found);
    }
  }
  return {
    kept: [...nextOf].map(([next, each]) => ({ running: each, next })),
    stopped: [...free],
    started: wanted.filter((next) => !nextOf.has(next)),
  };
}

/** Instances with the same key share a port; who has interfaces of its own shares it with nobody. */
export function portKeyOf(config: VrrpInstanceConfig): string {
  const base = basePortKeyOf(config);
  return hasOwnLinks(config) ? `${base} ${config.vrrp.vrid} ${JSON.stringify(config.link)}` : base;
}

export function hasOwnLinks({ link, addressLinks }: VrrpInstanceConfig): boolean {
  return link !== null || addressLinks.length > 0;
}

/** The port of the interface below. */
export function basePortKeyOf({ vrrp, way }: VrrpInstanceConfig): string {
  return [vrrp.interface, way.group, way.source ?? ""].join(" ");
}

/** As keepalived: vrid, interface, family, and the group or the unicast source. Another version is another protocol, another MAC another router. */
function routerKeyOf({ vrrp, way, link }: VrrpInstanceConfig): string {
  const mode = way.peers.length === 0 ? `group ${way.group}` : `unicast ${way.source ?? ""}`;
  return [vrrp.vrid, vrrp.interface, way.family, vrrp.version, mode, JSON.stringify(link)].join(
    " ",
  );
}

function sameName(a: VrrpInstanceConfig, b: VrrpInstanceConfig): boolean {
  return a.vrrp.name === b.vrrp.name;
}

function samePeers(a: VrrpInstanceConfig, b: VrrpInstanceConfig): boolean {
  return a.way.peers.some(({ address }) => b.way.peers.some((peer) => peer.address === address));
}
