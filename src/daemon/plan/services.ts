// The part of a plan that is about virtual servers: operations of the IPVS table, firewall marks, sync daemons, and what real
// servers are until their checks have decided.

import type { Config, RealServerConfig } from "../../config/model.ts";
import { wantedMarks } from "../../director/marks.ts";
import { canonicalKey, placeOf } from "../../ipvs/canonical.ts";
import { planDaemons, wantedDaemons } from "../../ipvs/lvs.ts";
import { differences } from "../../ipvs/marks.ts";
import { type Destination, type ServiceKey, serviceName } from "../../ipvs/model.ts";
import { destinationIn } from "../../ipvs/quorum.ts";
import { type Operation, operationText, subjectOf } from "../../ipvs/reconcile.ts";
import { isSameJson } from "../../lib/same-json.ts";
import {
  type DirectorFacts,
  type DirectorPlan,
  type DirectorWanted,
  planDirector,
} from "../director/plan.ts";
import type { Change, Subjects } from "./subjects.ts";

type Add = Subjects["add"];

/** A director that does not run yet, in front of a table without services. */
export const NO_FACTS: DirectorFacts = {
  remembered: { servers: [], states: [] },
  quorums: [],
  waiting: [],
  table: [],
  known: { believed: null, owned: [], refused: [] },
  hasFlushed: false,
};

export function addServices(
  before: Config,
  after: Config,
  facts: DirectorFacts,
  around: Pick<DirectorWanted, "isOut" | "isSuspended" | "refused">,
  add: Add,
): void {
  const { virtualServers, lvs } = after;
  const plan = planDirector(facts, { ...around, virtualServers, flush: lvs.flush });
  const subjects = [subjectsOf(after), subjectsOf(before)] as const;
  const counts = openCounts(facts);
  for (const operation of plan.operations) {
    const [title, change] = changeOf(operation, subjects, counts);
    add(title, change);
  }
  if (facts.table === null) {
    const text = "the kernel's IPVS table cannot be read: what is to be done to it is not known";
    add("global", { class: "connections_kept", text });
  }
  addVerdict(before, after, facts, plan, add);
  addMarks(before, after, add);
}

/** Title of a section by service and place; "" = the service itself. */
type Titles = ReadonlyMap<string, string>;

function subjectsOf({ virtualServers }: Config): Titles {
  const titles = new Map<string, string>();
  for (const { name, keys, realServers, sorryServer } of virtualServers) {
    const title = `virtual_server.${name}`;
    for (const key of keys.map(canonicalKey)) {
      const note = (destination: Destination, of: string): void => {
        titles.set(subjectKey(key, destinationIn(key, destination)), of);
      };
      titles.set(serviceName(key), title);
      if (sorryServer !== null) note(sorryServer, title);
      for (const server of realServers) {
        note(server.destination, `real_server.${name}.${server.name}`);
      }
    }
  }
  return titles;
}

function subjectKey(key: ServiceKey, destination: Destination): string {
  return `${serviceName(key)} ${placeOf(destination)}`;
}

type Counts = (key: ServiceKey, destination?: Destination) => number;

/** Connections that are there now. */
function openCounts({ table }: DirectorFacts): Counts {
  const counts = new Map<string, number>();
  for (const { key, destinations } of table ?? []) {
    for (const destination of destinations) {
      for (const subject of [serviceName(key), subjectKey(key, destination)]) {
        counts.set(subject, (counts.get(subject) ?? 0) + destination.activeConnections);
      }
    }
  }
  return (key, destination) =>
    counts.get(destination === undefined ? serviceName(key) : subjectKey(key, destination)) ?? 0;
}

function changeOf(
  operation: Operation,
  [after, before]: readonly [Titles, Titles],
  countOf: Counts,
): readonly [string, Change] {
  const key = subjectOf(operation);
  const own =
    "destination" in operation ? subjectKey(key, operation.destination) : serviceName(key);
  const name = serviceName(key);
  const title =
    after.get(own) ?? before.get(own) ?? after.get(name) ?? before.get(name) ?? `service ${name}`;
  return [
    title,
    { ...meaningOf(operation, countOf), operation: `IPVS: ${operationText(operation)}` },
  ];
}

function meaningOf(operation: Operation, countOf: Counts): Change {
  switch (operation.kind) {
    case "add-service":
      return { class: "connections_kept", text: "the service begins" };
    case "set-service":
      return { class: "connections_kept", text: "the service goes on otherwise" };
    case "remove-service":
      return cut("the service ends", countOf(operation.key));
    case "add-destination": {
      const { weight } = operation.destination;
      return { class: "connections_kept", text: `it serves with weight ${weight}` };
    }
    case "set-destination": {
      const { destination, from } = operation;
      const isSame = destination.weight === from.weight;
      const text = isSame
        ? "it serves otherwise"
        : `weight ${from.weight} -> ${destination.weight}`;
      return { class: "connections_kept", text: `${text} in the table` };
    }
    case "remove-destination":
      return cut("it leaves the table", countOf(operation.key, operation.destination));
  }
}

function cut(text: string, connections: number): Change {
  return { class: "connections_cut", text: `${text} (${connections} active connections now)` };
}

function addVerdict(
  before: Config,
  after: Config,
  { quorums }: DirectorFacts,
  { verdict, knownOf }: DirectorPlan,
  add: Add,
): void {
  const had = new Map(quorums);
  const known = serversOf(before);
  for (const { name, realServers } of after.virtualServers) {
    const title = `virtual_server.${name}`;
    const isUp = verdict.judgements.get(name)?.quorumUp;
    if (had.get(name) === true && isUp === false) {
      add(title, { class: "connections_cut", text: "it has no quorum then" });
    }
    for (const server of realServers) {
      const now = knownOf(name, server.name);
      if (now === undefined || now.up || !now.isUndecided) continue;
      if (isSameJson(known.get(`${name} ${server.name}`), server)) continue;
      const checks = server.checks.map((check) => check.name).join(", ");
      const text = `it is DOWN until its checks have succeeded (${checks})`;
      add(`real_server.${name}.${server.name}`, { class: "connections_kept", text });
    }
  }
  for (const each of verdict.news) {
    if (each.kind === "quorum") continue;
    const text =
      each.kind === "refused"
        ? `it is refused: ${each.error}`
        : `those that serve now stay beside the new ones until checks have decided, ${Math.ceil(each.limitMs / 1000)} s at most`;
    add(`virtual_server.${each.virtualServer}`, { class: "connections_kept", text });
  }
}

function serversOf({ virtualServers }: Config): ReadonlyMap<string, RealServerConfig> {
  const servers = new Map<string, RealServerConfig>();
  for (const { name, realServers } of virtualServers) {
    for (const server of realServers) servers.set(`${name} ${server.name}`, server);
  }
  return servers;
}

function addMarks(before: Config, after: Config, add: Add): void {
  const [old, next] = [before, after].map(({ lvs, virtualServers }) =>
    wantedMarks(lvs, virtualServers),
  );
  const others = old !== undefined && old.name !== next?.name ? [`table ${old.name} removed`] : [];
  const made =
    next === undefined
      ? []
      : old?.name !== next.name
        ? [`table ${next.name} made`]
        : differences(next.parts, old.parts);
  for (const text of [...made, ...others]) {
    const change = { class: "connections_kept", text: "firewall marks change" } as const;
    add("global", { ...change, operation: `nftables: ${text}` });
  }
}

/** Connection sync as it is, and as it is to be. `isMaster`: of the instance that decides, in each. */
export function addDaemons(
  before: Config,
  after: Config,
  isMaster: (instance: string | null) => boolean,
  add: Add,
): void {
  const [was, wanted] = [before, after].map(({ lvs: { sync } }) =>
    wantedDaemons(sync, isMaster(sync?.instance ?? null)),
  );
  const { stop, start } = planDaemons(wanted ?? [], was ?? [], was ?? []);
  for (const [verb, daemons] of [
    ["stop", stop],
    ["start", start],
  ] as const) {
    for (const { state, interface: device, syncId } of daemons) {
      const operation = `IPVS: ${verb} ${state} sync daemon on ${device}, syncid ${syncId}`;
      add("global", { class: "connections_kept", text: "connection sync changes", operation });
    }
  }
}
