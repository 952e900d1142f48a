// From verdicts to the table: which destinations the services of a virtual server should have, and whether it has its
// quorum. Pure; it does not know who judges the real servers, nor what the kernel has.

import { canonicalDestination, canonicalKey, persistenceOf, placeOf } from "./canonical.ts";
import { keyFamily } from "./codec.ts";
import type { Destination, Persistence, Service, ServiceFlag, ServiceKey } from "./model.ts";

/** What this file needs to know of a virtual server. */
export type VirtualServer = {
  /** What it is to the kernel: one service, or those of a group, which all have the same destinations. */
  readonly keys: readonly ServiceKey[];
  readonly scheduler: string;
  readonly flags: readonly ServiceFlag[];
  readonly persistence: WantedPersistence | null;
  readonly persistenceEngine: string | null;
  /** Sum of the weights of live real servers that it needs. */
  readonly quorum: number;
  readonly hysteresis: number;
  readonly sorryServer: Destination | null;
  /** While it is not used the sorry server stays in the table, with weight 0. */
  readonly sorryInhibit: boolean;
  readonly realServers: readonly RealServer[];
};

/** `prefixLength` null = the whole address, whichever its family, unless there is a `mask` that is no prefix. */
export type WantedPersistence = {
  readonly timeoutS: number;
  readonly prefixLength: number | null;
  readonly mask?: string;
};

export type RealServer = {
  readonly name: string;
  /** Port 0: that of the service. */
  readonly destination: Destination;
  /** When it fails: weight 0 instead of leaving the table. */
  readonly inhibitOnFailure: boolean;
};

export type Judgement = {
  readonly services: readonly Service[];
  readonly quorumUp: boolean;
  readonly sorryServerActive: boolean;
  /** Sum of the weights of live real servers. */
  readonly liveWeight: number;
};

/** Both by name of the real server; `before` = the quorum until now, null = not known yet. */
export function judge(
  server: VirtualServer,
  isUp: (name: string) => boolean,
  before: boolean | null,
  weightOf: WeightOf = () => undefined,
): Judgement {
  const { sorryServer } = server;
  const realServers = server.realServers.map((each) => weighed(each, weightOf));
  const live = realServers.filter(({ name }) => isUp(name));
  const liveWeight = weightSum(live);
  const quorumUp = hasQuorum(server, liveWeight, before);
  const sorryServerActive = !quorumUp && sorryServer !== null;
  const destinations: Destination[] = [];
  if (sorryServer !== null && server.sorryInhibit) destinations.push({ ...sorryServer, weight: 0 });
  for (const { name, destination, inhibitOnFailure } of realServers) {
    const serves = isUp(name) && !sorryServerActive;
    // A weight 0 keeps the connections and persistent clients of a server that may come back.
    if (serves) destinations.push(destination);
    else if (inhibitOnFailure) destinations.push({ ...destination, weight: 0 });
  }
  // Last: it may be one of the real servers too.
  if (sorryServerActive) destinations.push(sorryServer);
  const services = server.keys.map((key) => serviceOf(server, key, destinations));
  return { services, quorumUp, sorryServerActive, liveWeight };
}

/** undefined = the configured one. */
export type WeightOf = (name: string) => number | undefined;

function weighed(server: RealServer, weightOf: WeightOf): RealServer {
  const weight = weightOf(server.name);
  if (weight === undefined || weight === server.destination.weight) return server;
  return { ...server, destination: { ...server.destination, weight } };
}

/** Where a real server is in the table of one service. */
export function destinationIn(key: ServiceKey, destination: Destination): Destination {
  const port = destination.port === 0 && key.kind === "address" ? key.port : destination.port;
  return canonicalDestination({ ...destination, port });
}

function serviceOf(
  { scheduler, flags, persistence, persistenceEngine }: VirtualServer,
  key: ServiceKey,
  destinations: readonly Destination[],
): Service {
  const unique = new Map<string, Destination>();
  for (const each of destinations) {
    const destination = destinationIn(key, each);
    unique.set(placeOf(destination), destination);
  }
  return {
    key: canonicalKey(key),
    scheduler,
    persistence: persistence && persistenceIn(key, persistence),
    ...(flags.length > 0 && { flags }),
    ...(persistenceEngine !== null && { persistenceEngine }),
    destinations: [...unique.values()],
  };
}

function persistenceIn(key: ServiceKey, wanted: WantedPersistence): Persistence {
  const { timeoutS, prefixLength, mask } = wanted;
  if (mask !== undefined) return persistenceOf(timeoutS, mask);
  return { timeoutS, prefixLength: prefixLength ?? (keyFamily(key) === 6 ? 128 : 32) };
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
