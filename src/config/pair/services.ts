// The virtual servers of a pair: after a failover the other node has to serve the same, with the same real servers behind it.

import type { ServiceKey } from "../../ipvs/model.ts";
import { hostPort } from "../../lib/ip.ts";
import { type Servers, serversByService } from "../director/effective.ts";
import type { RealServerConfig, VirtualServerConfig } from "../model.ts";
import { nameOf } from "../schema/section.ts";
import { heldAddresses } from "./addresses.ts";
import {
  type Couple,
  type Equal,
  headOf,
  instancesOf,
  judgeEqual,
  type Member,
  match,
  type Node,
  placeIn,
  placeText,
  type Service,
  servicesOf,
  type Tell,
} from "./node.ts";

const OTHERWISE = "clients are served otherwise after a failover";

const SAME: readonly Equal<"virtual_server", VirtualServerConfig>[] = [
  {
    key: "lb_algo",
    of: ({ scheduler, flags }) => [scheduler, ...flags].join(" "),
    severity: "warning",
    why: OTHERWISE,
  },
  {
    key: "persistence_timeout",
    of: ({ persistence }) => (persistence === null ? "none" : `${persistence.timeoutS} s`),
    severity: "warning",
    why: OTHERWISE,
  },
  {
    key: "persistence_granularity",
    of: ({ persistence }) =>
      persistence === null ? null : (persistence.mask ?? `${persistence.prefixLength ?? "all"}`),
    severity: "warning",
    why: OTHERWISE,
  },
  {
    key: "persistence_engine",
    of: ({ persistenceEngine }) => persistenceEngine ?? "none",
    severity: "warning",
    why: OTHERWISE,
  },
  {
    key: "quorum",
    of: ({ quorum, hysteresis }) => `${quorum} (hysteresis ${hysteresis})`,
    severity: "warning",
    why: "one node serves where the other one would not",
  },
  {
    key: "sorry_server",
    of: ({ sorryServer: sorry }) =>
      sorry === null ? "none" : `${hostPort(sorry.address, sorry.port)} ${sorry.forward}`,
    severity: "warning",
    why: OTHERWISE,
  },
  {
    key: "mark",
    of: ({ marks }) => (marks.length === 0 ? "none" : JSON.stringify(marks)),
    severity: "error",
    why: "what is not marked is not served after a failover",
  },
];

/** How many are on both. */
export function judgeServices(a: Node, b: Node, tell: Tell): number {
  const { couples, alone } = match(servicesOf(a), servicesOf(b), [
    (one) => `${placesOf(one.made).join(" ")} ${nameOf(one.section)}`,
    ({ made }) => placesOf(made).join(" "),
    ({ section }) => nameOf(section),
    ({ made }) => placesOf(made)[0],
  ]);
  const [ours, theirs] = [serversByService(a.draft), serversByService(b.draft)];
  for (const couple of couples) {
    judgePlaces(couple, tell);
    judgeEqual(couple, SAME, tell);
    judgeServers({ a: serversOf(couple.a, ours), b: serversOf(couple.b, theirs) }, couple, tell);
  }
  const held = new Set([a, b].flatMap(instancesOf).flatMap(({ made }) => heldAddresses(made)));
  for (const one of [...alone.a, ...alone.b]) {
    const isShared = one.made.keys.some((key) => key.kind === "fwmark" || held.has(key.address));
    const other = one.node === a ? b : a;
    tell({
      at: headOf(one),
      severity: isShared ? "error" : "warning",
      message: `[${one.section.title}] (${placesOf(one.made).join(", ")}) is on this node alone, and not in ${other.placeOf(1).file}: ${isShared ? "nobody serves it after a failover" : "the other node does not serve it"}`,
    });
  }
  return couples.length;
}

function placesOf({ keys }: VirtualServerConfig): readonly string[] {
  return keys.map(keyText).sort();
}

function keyText(key: ServiceKey): string {
  return key.kind === "fwmark"
    ? `fwmark ${key.fwmark} IPv${key.family}`
    : `${key.protocol} ${hostPort(key.address, key.port)}`;
}

function judgePlaces({ a, b }: Couple<Service>, tell: Tell): void {
  const [ours, theirs] = [placesOf(a.made), placesOf(b.made)];
  for (const [one, other, more] of [
    [a, b, ours.filter((place) => !theirs.includes(place))],
    [b, a, theirs.filter((place) => !ours.includes(place))],
  ] as const) {
    const [first] = more;
    if (first === undefined) continue;
    const place = headOf(other);
    tell({
      at: headOf(one),
      other: place,
      severity: "error",
      message: `[${one.section.title}] is ${first}, and [${other.section.title}] of the other node (${placeText(place)}) is not: nobody serves it after a failover`,
    });
  }
}

type Server = Member<"real_server", RealServerConfig>;

function judgeServers(
  behind: Couple<readonly Server[]>,
  { a, b }: Couple<Service>,
  tell: Tell,
): void {
  const { couples, alone } = match(behind.a, behind.b, [
    (one) => `${destinationOf(one.made)} ${one.section.labels[1]}`,
    ({ made }) => destinationOf(made),
  ]);
  for (const couple of couples) judgeEqual(couple, SAME_SERVER, tell);
  judgeChecks(couples, tell);
  for (const one of [...alone.a, ...alone.b]) {
    const other = headOf(one.node === a.node ? b : a);
    tell({
      at: headOf(one),
      other,
      severity: "warning",
      message: `Real server ${destinationOf(one.made)} [${one.section.title}] is on this node alone, and not behind the same service of the other one (${placeText(other)}): it serves nobody after a failover`,
    });
  }
}

const SAME_SERVER: readonly Equal<"real_server", RealServerConfig>[] = [
  {
    key: "lb_kind",
    of: ({ destination: { forward, tunnel } }) => [forward, tunnel?.type ?? ""].join(" ").trim(),
    severity: "error",
    why: "a real server is set up for one way of forwarding, and gets nothing, or answers nobody, by another",
  },
  {
    key: "weight",
    of: ({ destination: { weight } }) => String(weight),
    severity: "warning",
    why: "its share is another one after a failover",
  },
];

/** Servers of one service have the same checks, mostly: one is told for all. */
function judgeChecks(couples: readonly Couple<Server>[], tell: Tell): void {
  const [first, ...more] = couples.filter(
    ({ a, b }) => checksText(a.made.checks) !== checksText(b.made.checks),
  );
  if (first === undefined) return;
  const other = placeIn(first.b, "check");
  tell({
    at: placeIn(first.a, "check"),
    other,
    severity: "warning",
    message: `[${first.a.section.title}] is checked otherwise at ${placeText(other)}${more.length === 0 ? "" : ` (and so are ${more.length} more)`}: one node may take it for healthy when the other one does not`,
  });
}

/** Names are each node's own, and so are the address and interface that a probe leaves by. */
function checksText(checks: RealServerConfig["checks"]): string {
  const told = checks.map((check) =>
    JSON.stringify({ ...check, name: null, source: null, logsFailures: null }),
  );
  return told.sort().join(" ");
}

function serversOf(
  { node, section, made }: Service,
  all: ReadonlyMap<string, Servers>,
): readonly Server[] {
  const sections = all.get(nameOf(section)) ?? [];
  return made.realServers.flatMap((server, index) => {
    const own = sections[index];
    return own === undefined ? [] : [{ node, section: own, made: server }];
  });
}

function destinationOf({ destination: { address, port } }: RealServerConfig): string {
  return hostPort(address, port);
}
