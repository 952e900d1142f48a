// The difference between two tables, as operations in an order that never takes the last live destination
// from a service that keeps one: what adds comes first, then what drops weights, then what removes.
// Pure. Services that are neither desired nor owned are not its business.

import { unreachable } from "../lib/unreachable.ts";
import { placeOf } from "./canonical.ts";
import {
  type Destination,
  type Persistence,
  type Service,
  type ServiceKey,
  serviceName,
  type Tunnel,
} from "./model.ts";

export type Operation =
  | { readonly kind: "add-service"; readonly service: Service }
  | { readonly kind: "set-service"; readonly service: Service; readonly from: Service }
  | { readonly kind: "remove-service"; readonly key: ServiceKey }
  | {
      readonly kind: "add-destination";
      readonly key: ServiceKey;
      readonly destination: Destination;
    }
  | {
      readonly kind: "set-destination";
      readonly key: ServiceKey;
      readonly destination: Destination;
      readonly from: Destination;
    }
  | {
      readonly kind: "remove-destination";
      readonly key: ServiceKey;
      readonly destination: Destination;
    };

/** What makes `actual` hold `desired`. `owned`: serviceName() of all that duet configured, now or before. */
export function plan(
  desired: readonly Service[],
  actual: readonly Service[],
  owned: ReadonlySet<string>,
): readonly Operation[] {
  const existing = new Map(actual.map((service) => [serviceName(service.key), service]));
  const wanted = new Set(desired.map((service) => serviceName(service.key)));
  const steps = desired.map((service) =>
    serviceSteps(service, existing.get(serviceName(service.key))),
  );
  const unwanted = actual.filter(({ key }) => {
    const name = serviceName(key);
    return owned.has(name) && !wanted.has(name);
  });
  return [
    ...steps.flatMap(({ services }) => services),
    ...steps.flatMap(({ gains }) => gains),
    ...steps.flatMap(({ drops }) => drops),
    ...steps.flatMap(({ removals }) => removals),
    ...unwanted.map(({ key }): Operation => ({ kind: "remove-service", key })),
  ];
}

/** The service that an operation is about. */
export function subjectOf(operation: Operation): ServiceKey {
  switch (operation.kind) {
    case "add-service":
    case "set-service":
      return operation.service.key;
    case "remove-service":
    case "add-destination":
    case "set-destination":
    case "remove-destination":
      return operation.key;
    default:
      return unreachable(operation);
  }
}

/** "set 10.0.0.11:80 of tcp 10.0.0.1:80: weight 5 -> 2": for logs. */
export function operationText(operation: Operation): string {
  const subject = serviceName(subjectOf(operation));
  switch (operation.kind) {
    case "add-service":
      return `add ${subject}`;
    case "set-service":
      return `set ${subject}: ${changes(serviceFacts(operation.from), serviceFacts(operation.service))}`;
    case "remove-service":
      return `remove ${subject}`;
    case "add-destination":
      return `add ${placeOf(operation.destination)} to ${subject}`;
    case "set-destination":
      return `set ${placeOf(operation.destination)} of ${subject}: ${changes(
        destinationFacts(operation.from),
        destinationFacts(operation.destination),
      )}`;
    case "remove-destination":
      return `remove ${placeOf(operation.destination)} from ${subject}`;
    default:
      return unreachable(operation);
  }
}

type Steps = {
  readonly services: Operation[];
  readonly gains: Operation[];
  readonly drops: Operation[];
  readonly removals: Operation[];
};

function serviceSteps(service: Service, actual: Service | undefined): Steps {
  const { key } = service;
  const steps: Steps = { services: [], gains: [], drops: [], removals: [] };
  if (actual === undefined) steps.services.push({ kind: "add-service", service });
  else if (changes(serviceFacts(actual), serviceFacts(service)) !== "") {
    // The kernel takes a new scheduler in place: connections and destinations stay.
    steps.services.push({ kind: "set-service", service, from: actual });
  }
  const existing = new Map(actual?.destinations.map((each) => [placeOf(each), each]));
  for (const destination of service.destinations) {
    const from = existing.get(placeOf(destination));
    existing.delete(placeOf(destination));
    if (from === undefined) steps.gains.push({ kind: "add-destination", key, destination });
    else if (changes(destinationFacts(from), destinationFacts(destination)) !== "") {
      const phase = destination.weight < from.weight ? steps.drops : steps.gains;
      phase.push({ kind: "set-destination", key, destination, from });
    }
  }
  for (const destination of existing.values()) {
    steps.removals.push({ kind: "remove-destination", key, destination });
  }
  return steps;
}

type Facts = Readonly<Record<string, string | number>>;

function serviceFacts(service: Service): Facts {
  return {
    scheduler: service.scheduler,
    persistence: persistenceText(service.persistence),
    flags: [...(service.flags ?? [])].sort().join(",") || "none",
    "persistence engine": service.persistenceEngine ?? "none",
  };
}

function destinationFacts(destination: Destination): Facts {
  return {
    forward: destination.forward,
    weight: destination.weight,
    "upper threshold": destination.upperThreshold ?? 0,
    "lower threshold": destination.lowerThreshold ?? 0,
    tunnel: destination.forward === "TUN" ? tunnelText(destination.tunnel) : "none",
  };
}

function persistenceText(persistence: Persistence | null): string {
  if (persistence === null) return "none";
  return `${persistence.timeoutS} s /${persistence.mask ?? persistence.prefixLength}`;
}

function tunnelText(tunnel: Tunnel | undefined): string {
  const { type, port, checksum } = tunnel ?? { type: "ipip", port: 0, checksum: "none" };
  return `${type} port ${port} checksum ${checksum}`;
}

/** "weight 5 -> 2, forward NAT -> DR"; empty when nothing differs. */
function changes(from: Facts, to: Facts): string {
  return Object.keys(to)
    .filter((name) => from[name] !== to[name])
    .map((name) => `${name} ${from[name]} -> ${to[name]}`)
    .join(", ");
}
