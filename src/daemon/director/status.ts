// What the director tells of its virtual servers: configuration, verdicts and the kernel's counts in one.

import { methodText } from "../../config/director/ipvs-lines.ts";
import type { VirtualServerConfig } from "../../config/model.ts";
import type { RealServerStatus, VirtualServerStatus } from "../../control/status.ts";
import type { Standing } from "../../director/standing.ts";
import { byName } from "../../director/table.ts";
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
import { driftOf, serviceError, writeHealth } from "./health.ts";
import type { Director } from "./stages.ts";

export function roleStatus(director: Director): object {
  const { now, settings, table, degraded } = director;
  const listed = byName(table.list() ?? []);
  writeHealth(director);
  return {
    virtual_servers: now.virtualServers.flatMap((config) => {
      const judgement = now.verdict.judgements.get(config.name);
      return judgement === undefined
        ? []
        : [virtualServerStatus(director, config, judgement, listed)];
    }),
    lvs: { ...settings.status(), drift: driftOf(director), table_changes: table.changes() },
    degraded: degraded.list(),
  };
}

function virtualServerStatus(
  director: Director,
  config: VirtualServerConfig,
  judgement: Judgement,
  listed: ReadonlyMap<string, ListedService>,
): VirtualServerStatus {
  const { servers, ways, takenOut } = director;
  const keys = config.keys.map(canonicalKey);
  const [key] = config.group === null ? keys : [];
  const countsOf = openCounts(keys, listed);
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
    suspended: director.isSuspended(config),
    error: serviceError(director, config),
    real_servers: config.realServers.map(
      ({ name, destination }): RealServerStatus => ({
        name,
        address: config.group === null ? placeOf(destination) : endpoint(destination),
        lb_kind: methodText(destination),
        weight: destination.weight,
        ...countsOf(destination),
        ...stateOf(servers.standingOf(config.name, name), takenOut.of(config.name, name)),
        warning: ways.warningOf(destination),
        checks: servers.checksOf(config.name, name),
      }),
    ),
  };
}

function stateOf(
  standing: Standing | undefined,
  entry: Entry | undefined,
): Pick<RealServerStatus, "state" | "since" | "cause"> {
  const told = entry ?? standing;
  const state = entry !== undefined ? "MAINT" : standing?.up ? "UP" : "DOWN";
  return { state, ...(told && { since: told.since, cause: told.cause }) };
}

type Counts = Pick<
  RealServerStatus,
  "effective_weight" | "active_connections" | "inactive_connections" | "persistent_connections"
>;

/** Connections of all services together; the weight is the same in all that have it. */
function openCounts(
  keys: readonly ServiceKey[],
  listed: ReadonlyMap<string, ListedService>,
): (destination: Destination) => Counts {
  const tables = keys.map((key) => {
    const destinations = listed.get(serviceName(key))?.destinations ?? [];
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
