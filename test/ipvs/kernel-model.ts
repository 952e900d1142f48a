// The kernel's IPVS table as Maps, with the errors of ip_vs_ctl.c: what plans are tried on.

import type { Failure, Ipvs } from "../../src/ipvs/apply.ts";
import {
  type Destination,
  hostPort,
  type ListedService,
  type Service,
  type ServiceKey,
  serviceName,
} from "../../src/ipvs/model.ts";
import { type Operation, operationText, subjectOf } from "../../src/ipvs/reconcile.ts";
import { unreachable } from "../../src/lib/unreachable.ts";

export type KernelModel = Ipvs & {
  /** One operation; undefined, or the name of the errno. */
  readonly one: (operation: Operation) => string | undefined;
  readonly table: () => readonly Service[];
  readonly service: (key: ServiceKey) => Service | undefined;
  /** Every operation that was tried, in order. */
  readonly log: string[];
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
    one,
    apply,
    list,
    close: () => {},
    table: () => [...services.values()],
    service: (key) => services.get(serviceName(key)),
    log,
    missingSchedulers,
    broken,
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
