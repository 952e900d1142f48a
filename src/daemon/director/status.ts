// What the director tells of its virtual servers: configuration, verdicts and the kernel's counts in one. Pure.

import { formatLvsMethod } from "../../config/director/ipvs-lines.ts";
import type { VirtualServerConfig } from "../../config/model.ts";
import type { CheckStatus, RealServerStatus, VirtualServerStatus } from "../../control/status.ts";
import type { Standing } from "../../director/servers.ts";
import type { Entry } from "../../director/taken-out.ts";
import { canonicalKey, placeOf } from "../../ipvs/canonical.ts";
import { markText } from "../../ipvs/marks.ts";
import {
  type Destination,
  type ListedDestination,
  type ListedService,
  type ServiceKey,
  serviceName,
} from "../../ipvs/model.ts";
import { destinationIn, type Judgement } from "../../ipvs/quorum.ts";
import { hostPort } from "../../lib/ip.ts";

export function virtualServerStatus(facts: {
  readonly config: VirtualServerConfig;
  readonly judgement: Judgement;
  /** As the kernel has it; undefined when it has not. */
  readonly listed: (key: ServiceKey) => ListedService | undefined;
  readonly error: string | null;
  readonly isSuspended: boolean;
  readonly isUp: (realServer: string) => boolean;
  readonly warningOf: (destination: Destination) => string | null;
  /** undefined = it is not taken out. */
  readonly takenOut: (realServer: string) => Entry | undefined;
  readonly verdictOf: (realServer: string) => Standing | undefined;
  readonly checksOf: (realServer: string) => readonly CheckStatus[];
}): VirtualServerStatus {
  const { config, judgement } = facts;
  const keys = config.keys.map(canonicalKey);
  const [key] = config.group === null ? keys : [];
  const countsOf = openCounts(keys, facts.listed);
  return {
    name: config.name,
    address: key?.kind === "address" ? endpoint(key) : null,
    fwmark: key?.kind === "fwmark" ? key.fwmark : null,
    marks: config.marks.map(markText),
    protocol: protocolOf(keys),
    group: config.group,
    services: keys.map(serviceName),
    lb_algo: config.scheduler,
    lb_kind: config.forward,
    flags: config.flags,
    persistence_timeout_s: config.persistence?.timeoutS ?? null,
    persistence_engine: config.persistenceEngine,
    quorum: config.quorum,
    quorum_up: judgement.quorumUp,
    sorry_server_active: judgement.sorryServerActive,
    suspended: facts.isSuspended,
    error: facts.error,
    real_servers: config.realServers.map(
      ({ name, destination }): RealServerStatus => ({
        ...sinceOf(facts.verdictOf(name)),
        name,
        address: config.group === null ? placeOf(destination) : endpoint(destination),
        lb_kind: formatLvsMethod(destination.forward, destination.tunnel),
        weight: destination.weight,
        ...countsOf(destination),
        state: facts.isUp(name) ? "UP" : "DOWN",
        ...maintenanceOf(facts.takenOut(name)),
        warning: facts.warningOf(destination),
        checks: facts.checksOf(name),
      }),
    ),
  };
}

function sinceOf(standing: Standing | undefined): Pick<RealServerStatus, "since" | "cause"> {
  return standing === undefined ? {} : { since: standing.since, cause: standing.cause };
}

function maintenanceOf(entry: Entry | undefined): Partial<RealServerStatus> {
  return entry === undefined ? {} : { state: "MAINT", since: entry.since, cause: entry.cause };
}

type Counts = Pick<
  RealServerStatus,
  "effective_weight" | "active_connections" | "inactive_connections" | "persistent_connections"
>;

/** Connections of all services together; the weight is the same in all that have it. */
function openCounts(
  keys: readonly ServiceKey[],
  listed: (key: ServiceKey) => ListedService | undefined,
): (destination: Destination) => Counts {
  const tables = keys.map((key) => {
    const destinations = listed(key)?.destinations ?? [];
    return { key, places: new Map(destinations.map((each) => [placeOf(each), each])) };
  });
  return (destination) => {
    const found = tables.flatMap(({ key, places }): readonly ListedDestination[] => {
      const there = places.get(placeOf(destinationIn(key, destination)));
      return there === undefined ? [] : [there];
    });
    const sum = (count: (one: ListedDestination) => number): number =>
      found.reduce((total, one) => total + count(one), 0);
    return {
      effective_weight: found[0]?.weight ?? 0,
      active_connections: sum((one) => one.activeConnections),
      inactive_connections: sum((one) => one.inactiveConnections),
      persistent_connections: sum((one) => one.persistentConnections),
    };
  };
}

function protocolOf(keys: readonly ServiceKey[]): string | null {
  const key = keys.find(({ kind }) => kind === "address");
  return key?.kind === "address" ? key.protocol : null;
}

/** Port 0, every one or the service's, is not shown. */
function endpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return port === 0 ? address : hostPort(address, port);
}
