// From verdicts to the table: which destinations a virtual server should have, and whether it has its quorum.
// Pure; it does not know who judges the real servers, nor what the kernel has.

import { canonicalDestination, canonicalKey, placeOf } from "./canonical.ts";
import type { Destination, Persistence, Service, ServiceKey } from "./model.ts";

/** What this file needs to know of a virtual server. */
export type VirtualServer = {
  readonly key: ServiceKey;
  readonly scheduler: string;
  readonly persistence: Persistence | null;
  readonly quorum: number;
  readonly hysteresis: number;
  readonly sorryServer: Destination | null;
  readonly realServers: readonly RealServer[];
};

export type RealServer = {
  readonly name: string;
  readonly destination: Destination;
  readonly inhibitOnFailure: boolean;
};

export type Judgement = {
  readonly service: Service;
  readonly quorumUp: boolean;
  readonly sorryServerActive: boolean;
  /** Sum of the weights of live real servers. */
  readonly liveWeight: number;
};

/** `isUp` by name of the real server; `before` = the quorum until now, null = not known yet. */
export function judge(
  server: VirtualServer,
  isUp: (name: string) => boolean,
  before: boolean | null,
): Judgement {
  const live = server.realServers.filter(({ name }) => isUp(name));
  const liveWeight = weightSum(live);
  const quorumUp = hasQuorum(server, liveWeight, before);
  const sorryServerActive = !quorumUp && server.sorryServer !== null;
  const destinations = new Map<string, Destination>();
  for (const { name, destination, inhibitOnFailure } of server.realServers) {
    const serves = isUp(name) && !sorryServerActive;
    // A weight 0 keeps the connections and persistent clients of a server that may come back.
    if (serves) put(destinations, destination);
    else if (inhibitOnFailure) put(destinations, { ...destination, weight: 0 });
  }
  // Last: it may be one of the real servers too.
  if (sorryServerActive && server.sorryServer !== null) put(destinations, server.sorryServer);
  const service: Service = {
    key: canonicalKey(server.key),
    scheduler: server.scheduler,
    persistence: server.persistence,
    destinations: [...destinations.values()],
  };
  return { service, quorumUp, sorryServerActive, liveWeight };
}

/** Between the two thresholds of the hysteresis the quorum stays as it is. All real servers UP are always enough. */
function hasQuorum(server: VirtualServer, liveWeight: number, before: boolean | null): boolean {
  const wholeWeight = weightSum(server.realServers);
  const quorum = Math.min(server.quorum, wholeWeight);
  if (liveWeight === 0 || liveWeight < quorum - server.hysteresis) return false;
  if (liveWeight >= Math.min(quorum + server.hysteresis, wholeWeight)) return true;
  return before ?? liveWeight >= quorum;
}

function weightSum(servers: readonly RealServer[]): number {
  return servers.reduce((sum, { destination }) => sum + destination.weight, 0);
}

function put(destinations: Map<string, Destination>, destination: Destination): void {
  destinations.set(placeOf(destination), canonicalDestination(destination));
}
