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
  const { gains, losses } = planSteps(desired, actual, owned);
  return [...gains, ...losses];
}

/** What adds and raises, and what takes away: the second only after the first. */
export type Plan = { readonly gains: readonly Operation[]; readonly losses: readonly Operation[] };

export function planSteps(
  desired: readonly Service[],
  actual: readonly Service[],
  owned: ReadonlySet<string>,
): Plan {
  const existing = new Map(actual.map((service) => [serviceName(service.key), service]));
  const wanted = new Set(desired.map((service) => serviceName(service.key)));
  const steps = desired.flatMap((service) => {
    const before = existing.get(serviceName(service.key));
    return before === service ? [] : [serviceSteps(service, before)];
  });
  const unwanted = actual.filter(({ key }) => {
    const name = serviceName(key);
    return owned.has(name) && !wanted.has(name);
  });
  return {
    gains: [...steps.flatMap(({ services }) => services), ...steps.flatMap(({ gains }) => gains)],
    losses: [
      ...steps.flatMap(({ drops }) => drops),
      ...steps.flatMap(({ removals }) => removals),
      ...unwanted.map(({ key }): Operation => ({ kind: "remove-service", key })),
    ],
  };
}

/**
 * The losses that may go on although some gains failed (a full table, a destination that is refused): none that would
 * leave a service without a live destination which is to have one. `actual`: the table before the gains.
 */
export function bearableLosses(
  { gains, losses }: Plan,
  failed: ReadonlySet<Operation>,
  actual: readonly Service[],
): readonly Operation[] {
  if (failed.size === 0) return losses;
  const names = new Set([...failed].map((operation) => serviceName(subjectOf(operation))));
  const starving = new Set(
    [...names].filter((name) => {
      const isOfIt = (operation: Operation): boolean => serviceName(subjectOf(operation)) === name;
      const before = actual.find(({ key }) => serviceName(key) === name);
      const live = new Set(before?.destinations.filter(isLive).map(placeOf));
      for (const gain of gains.filter(isOfIt)) {
        if ("destination" in gain && !failed.has(gain)) setLive(live, gain.destination);
      }
      for (const loss of losses.filter(isOfIt)) {
        if (loss.kind === "set-destination") setLive(live, loss.destination);
        else if (loss.kind === "remove-destination") live.delete(placeOf(loss.destination));
      }
      return live.size === 0;
    }),
  );
  return losses.filter(
    (operation) =>
      operation.kind === "remove-service" || !starving.has(serviceName(subjectOf(operation))),
  );
}

function isLive({ weight }: Destination): boolean {
  return weight > 0;
}

function setLive(live: Set<string>, destination: Destination): void {
  if (isLive(destination)) live.add(placeOf(destination));
  else live.delete(placeOf(destination));
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

/** The same from the other side: what somebody did to the table, that this operation would undo. */
export function driftText(operation: Operation): string {
  const subject = serviceName(subjectOf(operation));
  switch (operation.kind) {
    case "add-service":
      return `${subject} removed`;
    case "set-service":
      return `${subject} changed: ${changes(serviceFacts(operation.service), serviceFacts(operation.from))}`;
    case "remove-service":
      return `${subject} added`;
    case "add-destination":
      return `${placeOf(operation.destination)} removed from ${subject}`;
    case "set-destination":
      return `${placeOf(operation.destination)} of ${subject} changed: ${changes(
        destinationFacts(operation.destination),
        destinationFacts(operation.from),
      )}`;
    case "remove-destination":
      return `${placeOf(operation.destination)} added to ${subject}`;
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
  const { pairs, others } = paired(service.destinations, actual?.destinations ?? []);
  for (const [destination, from] of pairs) {
    if (from === undefined) steps.gains.push({ kind: "add-destination", key, destination });
    else if (!isSameDestination(from, destination)) {
      const phase = destination.weight < from.weight ? steps.drops : steps.gains;
      phase.push({ kind: "set-destination", key, destination, from });
    }
  }
  for (const destination of others) {
    steps.removals.push({ kind: "remove-destination", key, destination });
  }
  return steps;
}

type Paired = {
  readonly pairs: readonly (readonly [Destination, Destination | undefined])[];
  readonly others: Iterable<Destination>;
};

/** Each desired destination with what is in its place, and what is in the place of none. */
function paired(desired: readonly Destination[], actual: readonly Destination[]): Paired {
  // As nearly always: the same ones, and the kernel lists first what came last.
  for (const ordered of [actual, actual.toReversed()]) {
    if (ordered.length === desired.length && desired.every((each, i) => isAt(each, ordered[i]))) {
      return { pairs: desired.map((each, i) => [each, ordered[i]]), others: [] };
    }
  }
  const existing = new Map(actual.map((each) => [placeOf(each), each]));
  const pairs = desired.map((each) => {
    const place = placeOf(each);
    const from = existing.get(place);
    existing.delete(place);
    return [each, from] as const;
  });
  return { pairs, others: existing.values() };
}

function isAt(a: Destination, b: Destination | undefined): boolean {
  return a.address === b?.address && a.port === b.port;
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

/** As their facts say, for tables of thousands. */
function isSameDestination(a: Destination, b: Destination): boolean {
  return (
    a.forward === b.forward &&
    a.weight === b.weight &&
    (a.upperThreshold ?? 0) === (b.upperThreshold ?? 0) &&
    (a.lowerThreshold ?? 0) === (b.lowerThreshold ?? 0) &&
    (a.forward !== "TUN" || tunnelText(a.tunnel) === tunnelText(b.tunnel))
  );
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
