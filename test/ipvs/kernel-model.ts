// The kernel's IPVS table as Maps, with the errors of ip_vs_ctl.c: what plans are tried on.

import type { Failure, Ipvs } from "../../src/ipvs/apply.ts";
import {
  type Destination,
  type ListedService,
  type Service,
  type ServiceKey,
  type SyncDaemon,
  serviceName,
  type Timeouts,
} from "../../src/ipvs/model.ts";
import { type Operation, operationText, subjectOf } from "../../src/ipvs/reconcile.ts";
import type { Settings } from "../../src/ipvs/settings.ts";
import { KernelError } from "../../src/kernel/errors.ts";
import { hostPort } from "../../src/lib/ip.ts";
import { unreachable } from "../../src/lib/unreachable.ts";

export type KernelModel = Ipvs & {
  readonly settings: Settings;
  /** One operation; undefined, or the name of the errno. */
  readonly one: (operation: Operation) => string | undefined;
  readonly table: () => readonly Service[];
  readonly service: (key: ServiceKey) => Service | undefined;
  /** Every operation that was tried, in order. */
  readonly log: string[];
  /** Destinations that are refused when they are added, by place -> errno. */
  readonly refused: Map<string, string>;
  /** Schedulers that are not there. */
  readonly missingSchedulers: Set<string>;
  /** While set, every call throws it. */
  readonly broken: { error: Error | undefined };
};

export function kernelModel(initial: readonly Service[] = []): KernelModel {
  const services = new Map<string, Service>();
  for (const service of initial) services.set(serviceName(service.key), service);
  const log: string[] = [];
  const missingSchedulers = new Set<string>();
  const refused = new Map<string, string>();
  const broken: KernelModel["broken"] = { error: undefined };

  function one(operation: Operation): string | undefined {
    const name = serviceName(subjectOf(operation));
    const service = services.get(name);
    switch (operation.kind) {
      case "add-service":
        if (service !== undefined) return "EEXIST";
        if (missingSchedulers.has(operation.service.scheduler)) return "ENOENT";
        services.set(name, { ...operation.service, destinations: [] });
        return undefined;
      case "set-service":
        if (service === undefined) return "ESRCH";
        if (missingSchedulers.has(operation.service.scheduler)) return "ENOENT";
        services.set(name, { ...operation.service, destinations: service.destinations });
        return undefined;
      case "remove-service":
        return services.delete(name) ? undefined : "ESRCH";
      case "add-destination":
      case "set-destination":
      case "remove-destination": {
        if (service === undefined) return "ESRCH";
        const exists = service.destinations.some((each) => samePlace(each, operation.destination));
        if (operation.kind === "add-destination" && exists) return "EEXIST";
        const refusal = refused.get(place(operation.destination));
        if (operation.kind === "add-destination" && refusal !== undefined) return refusal;
        if (operation.kind !== "add-destination" && !exists) return "ENOENT";
        const others = service.destinations.filter(
          (each) => !samePlace(each, operation.destination),
        );
        const kept = operation.kind === "remove-destination" ? [] : [operation.destination];
        services.set(name, { ...service, destinations: [...others, ...kept] });
        return undefined;
      }
      default:
        return unreachable(operation);
    }
  }

  function apply(operations: readonly Operation[]): readonly Failure[] {
    if (broken.error !== undefined) throw broken.error;
    return operations.flatMap((operation) => {
      log.push(operationText(operation));
      const code = one(operation);
      const done = code === "EEXIST" || (code !== undefined && operation.kind.startsWith("remove"));
      if (code === undefined || done) return [];
      return [{ operation, code, text: `${operationText(operation)}: ${code}` }];
    });
  }

  function list(): readonly ListedService[] {
    if (broken.error !== undefined) throw broken.error;
    return [...services.values()].map((service) => ({
      ...service,
      destinations: service.destinations.map((destination) => ({
        ...destination,
        activeConnections: 3,
        inactiveConnections: 4,
        persistentConnections: 0,
      })),
    }));
  }

  return {
    settings: settingsModel(),
    one,
    apply,
    list,
    close: () => {},
    table: () => [...services.values()],
    service: (key) => services.get(serviceName(key)),
    log,
    missingSchedulers,
    refused,
    broken,
  };
}

/** Timeouts and daemons, with the errors of ip_vs_sync.c. */
export function settingsModel(): Settings {
  let timeouts: Timeouts = { tcpS: 900, tcpFinS: 120, udpS: 300 };
  const daemons = new Map<string, SyncDaemon>();
  const nothing = (): void => {};
  return {
    info: () => ({ version: "1.2.1", connectionTableSize: 4096 }),
    timeouts: () => timeouts,
    setTimeouts(next) {
      timeouts = {
        tcpS: next.tcpS || timeouts.tcpS,
        tcpFinS: next.tcpFinS || timeouts.tcpFinS,
        udpS: next.udpS || timeouts.udpS,
      };
    },
    daemons: () => [...daemons.values()],
    startDaemon(daemon) {
      if (daemons.has(daemon.state)) throw new KernelError("start", 17);
      daemons.set(daemon.state, {
        maxLengthBytes: 1460,
        group: "224.0.0.81",
        port: 8848,
        ttl: 1,
        ...daemon,
      });
    },
    stopDaemon({ state }) {
      if (!daemons.delete(state)) throw new KernelError("stop", 3);
    },
    zero: nothing,
    flush: nothing,
  };
}

export function isLive(service: Service | undefined): boolean {
  return service?.destinations.some(({ weight }) => weight > 0) ?? false;
}

/** In one order and one spelling, so that tables can be compared. */
export function sorted(services: readonly Service[]): readonly unknown[] {
  return services
    .map((service) => ({
      ...service,
      name: serviceName(service.key),
      destinations: [...service.destinations].sort((a, b) => (place(a) < place(b) ? -1 : 1)),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function samePlace(a: Destination, b: Destination): boolean {
  return place(a) === place(b);
}

function place(destination: Destination): string {
  return hostPort(destination.address, destination.port);
}
