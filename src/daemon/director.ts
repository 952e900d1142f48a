// The director role: from the configuration and the verdicts of the checkers to the kernel's IPVS table.
// Wires together; the deciding is in check/engine, ipvs/quorum and ipvs/reconcile.

import type { Probe } from "../check/probes/index.ts";
import type { Config, RealServerConfig, VirtualServerConfig } from "../config/model.ts";
import type { Event } from "../control/events.ts";
import type { VirtualServerStatus } from "../control/status.ts";
import { openIpvs, type WholeIpvs } from "../ipvs/apply.ts";
import { canonicalKey, placeOf } from "../ipvs/canonical.ts";
import { type ListedService, serviceName } from "../ipvs/model.ts";
import { destinationIn, type Judgement, judge } from "../ipvs/quorum.ts";
import { type Clock, timeoutClock, wallTime } from "../lib/clock.ts";
import { type BusClient, openBusClient } from "./bus.ts";
import { busPath } from "./bus-messages.ts";
import { openKernelAccess } from "./director-kernel.ts";
import { openOwned, ownedPath } from "./director-owned.ts";
import { openServers, type Verdict } from "./director-servers.ts";
import { virtualServerStatus } from "./director-status.ts";
import { openTable } from "./director-table.ts";
import { type RoleBody, type RoleContext, runRole } from "./role.ts";
import { openScheduling } from "./scheduling.ts";

const FLUSH_LIMIT_MS = 500;

export function runDirector(): void {
  runRole("director", (context) => openDirector({ context, clock: timeoutClock }));
}

/** What the director needs of ip_vs. */
export type DirectorIpvs = Pick<WholeIpvs, "list" | "apply" | "close" | "settings">;

export type DirectorOptions = {
  readonly context: RoleContext;
  readonly clock: Clock;
  /** For tests: the kernel's table, the probes and the bus of a machine that is not this one. */
  readonly open?: () => DirectorIpvs;
  readonly probe?: Probe;
  readonly openBus?: typeof openBusClient;
};

export function openDirector(options: DirectorOptions): RoleBody {
  const { context, clock, open = openIpvs, probe, openBus = openBusClient } = options;
  const { log, runDir } = context;
  const schedule = openScheduling(log);
  const owned = openOwned(ownedPath(runDir), log);
  const kernel = openKernelAccess({ open, log });
  const table = openTable({ kernel, owned, clock, log, onLook: tellQuorums });
  const servers = openServers({ clock, onVerdict, ...(probe && { probe }) });
  const bus: BusClient = openBus({
    path: busPath(runDir),
    role: "director",
    status: () => ({ virtual_servers: status() }),
    clock,
    log,
  });
  let virtualServers: readonly VirtualServerConfig[] = [];
  let judgements: ReadonlyMap<string, Judgement> = new Map();
  /** The quorum that was last told, by virtual server. */
  const told = new Map<string, boolean>();
  // Verdicts of one turn of the loop make one change of the table.
  const change = clock.alarm(evaluate);

  function configure(config: Config): void {
    schedule(config.scheduling.checker);
    const services = index(table.list() ?? []);
    virtualServers = config.virtualServers;
    const names = new Set(virtualServers.map(({ name }) => name));
    for (const name of told.keys()) if (!names.has(name)) told.delete(name);
    servers.configure(virtualServers, (virtualServer, realServer) =>
      isServing(virtualServer, realServer, services),
    );
    evaluate();
  }

  function onVerdict({ virtualServer, realServer, up, cause }: Verdict): void {
    const subject = { virtual_server: virtualServer, real_server: realServer };
    const [from, to] = up ? (["DOWN", "UP"] as const) : (["UP", "DOWN"] as const);
    log.info({ ...subject, from, to, cause }, "real server state changed");
    tell({ kind: "real_server_state", at: wallTime(), ...subject, to, cause });
    change.set(clock.nowMs());
  }

  function evaluate(): void {
    change.set(Infinity);
    judgements = new Map(
      virtualServers.map((config) => {
        const before = judgements.get(config.name)?.quorumUp ?? null;
        return [config.name, judge(config, (name) => servers.isUp(config.name, name), before)];
      }),
    );
    table.want([...judgements.values()].flatMap(({ services: each }) => each));
    tellQuorums();
  }

  function tellQuorums(): void {
    for (const config of virtualServers) {
      const judgement = judgements.get(config.name);
      if (judgement === undefined || judgement.quorumUp === told.get(config.name)) continue;
      if (!judgement.quorumUp && !told.has(config.name) && isStarting(config)) continue;
      told.set(config.name, judgement.quorumUp);
      tellQuorum(config, judgement);
    }
  }

  /** No quorum before the first probes ended is no news. */
  function isStarting({ name, realServers }: VirtualServerConfig): boolean {
    return realServers.some((realServer) => servers.isUndecided(name, realServer.name));
  }

  function tellQuorum(config: VirtualServerConfig, judgement: Judgement): void {
    const [from, to] = judgement.quorumUp ? (["DOWN", "UP"] as const) : (["UP", "DOWN"] as const);
    const cause = `live weight ${judgement.liveWeight}, quorum ${config.quorum}`;
    log.info({ virtual_server: config.name, from, to, cause }, "quorum changed");
    tell({ kind: "quorum", at: wallTime(), virtual_server: config.name, to, cause });
  }

  function tell(event: Event): void {
    bus.tell(event);
  }

  function status(): readonly VirtualServerStatus[] {
    const services = index(table.list() ?? []);
    return virtualServers.flatMap((config) => {
      const judgement = judgements.get(config.name);
      if (judgement === undefined) return [];
      return virtualServerStatus({
        config,
        judgement,
        listed: (key) => services.get(serviceName(key)),
        errorOf: table.errorOf,
        isUp: (name) => servers.isUp(config.name, name),
        checksOf: (name) => servers.checksOf(config.name, name),
      });
    });
  }

  return {
    configure,
    async stop() {
      change.set(Infinity);
      servers.close();
      table.clear();
      table.close();
      await bus.flush(FLUSH_LIMIT_MS);
      bus.close();
    },
    /** The table stays: connections go on, and the next run adopts it. */
    orphaned() {
      change.set(Infinity);
      servers.close();
      table.close();
      bus.close();
    },
  };
}

function index(services: readonly ListedService[]): ReadonlyMap<string, ListedService> {
  return new Map(services.map((service) => [serviceName(service.key), service]));
}

function isServing(
  virtualServer: VirtualServerConfig,
  realServer: RealServerConfig,
  services: ReadonlyMap<string, ListedService>,
): boolean {
  return virtualServer.keys.some((key) => {
    const place = placeOf(destinationIn(key, realServer.destination));
    const service = services.get(serviceName(canonicalKey(key)));
    const destination = service?.destinations.find((each) => placeOf(each) === place);
    return (destination?.weight ?? 0) > 0;
  });
}
