// What the director tells of its virtual servers: configuration, verdicts and the kernel's counts in one. Pure.

import type { VirtualServerConfig } from "../config/model.ts";
import type { CheckStatus, RealServerStatus, VirtualServerStatus } from "../control/status.ts";
import { placeOf } from "../ipvs/canonical.ts";
import { hostPort, type ListedDestination, type ListedService } from "../ipvs/model.ts";
import type { Judgement } from "../ipvs/quorum.ts";

export function virtualServerStatus(facts: {
  readonly config: VirtualServerConfig;
  readonly judgement: Judgement;
  /** As the kernel has it; undefined when it has not. */
  readonly listed: ListedService | undefined;
  readonly error: string | null;
  readonly isUp: (realServer: string) => boolean;
  readonly checksOf: (realServer: string) => readonly CheckStatus[];
}): VirtualServerStatus {
  const { config, judgement, listed } = facts;
  const { key } = config;
  const counted = new Map(listed?.destinations.map((each) => [placeOf(each), each]));
  const byAddress = key.kind === "address";
  return {
    name: config.name,
    address: byAddress ? hostPort(key.address, key.port) : null,
    fwmark: byAddress ? null : key.fwmark,
    protocol: byAddress ? key.protocol : null,
    lb_algo: config.scheduler,
    lb_kind: config.forward,
    persistence_timeout_s: config.persistence?.timeoutS ?? null,
    quorum: config.quorum,
    quorum_up: judgement.quorumUp,
    sorry_server_active: judgement.sorryServerActive,
    error: facts.error,
    real_servers: config.realServers.map(({ name, destination }): RealServerStatus => {
      const place = placeOf(destination);
      return {
        name,
        address: place,
        weight: destination.weight,
        ...countsOf(counted.get(place)),
        state: facts.isUp(name) ? "UP" : "DOWN",
        checks: facts.checksOf(name),
      };
    }),
  };
}

type Counts = Pick<
  RealServerStatus,
  "effective_weight" | "active_connections" | "inactive_connections"
>;

function countsOf(listed: ListedDestination | undefined): Counts {
  return {
    effective_weight: listed?.weight ?? 0,
    active_connections: listed?.activeConnections ?? 0,
    inactive_connections: listed?.inactiveConnections ?? 0,
  };
}
