// What a reload would make of the director's part, without doing it: from what the running director tells of itself, by the
// same functions that it decides with. Pure but for factsOf(), which asks the director.

import type { VirtualServerConfig } from "../../config/model.ts";
import { outlook, type Remembered } from "../../director/outlook.ts";
import { isServing, type Known, serverKey, UNKNOWN } from "../../director/standing.ts";
import { asBelieved, byName, type TableKnown, wishText } from "../../director/table.ts";
import { decide, NO_VERDICT, type Verdict } from "../../director/verdict.ts";
import { type ListedService, type Service, serviceName } from "../../ipvs/model.ts";
import { type Operation, plan, subjectOf } from "../../ipvs/reconcile.ts";
import type { Director } from "./stages.ts";

/** What the running director knows, as it tells it. */
export type DirectorFacts = {
  readonly remembered: Remembered;
  /** Has a virtual server its quorum? */
  readonly quorums: readonly (readonly [string, boolean])[];
  /** Virtual servers with those that stand in until checks have decided. */
  readonly waiting: readonly string[];
  /** The kernel's table; null = it cannot be read. */
  readonly table: readonly ListedService[] | null;
  readonly known: TableKnown;
  /** lvs_flush was carried out in this run. */
  readonly hasFlushed: boolean;
};

export function factsOf({ servers, now, table, kept }: Director): DirectorFacts {
  return {
    remembered: servers.remembered(),
    quorums: Array.from(now.verdict.judgements, ([name, { quorumUp }]) => [name, quorumUp]),
    waiting: [...now.verdict.waiting.keys()],
    table: table.list() ?? null,
    known: table.known(),
    hasFlushed: kept.hasFlushed(),
  };
}

export type DirectorWanted = {
  readonly virtualServers: readonly VirtualServerConfig[];
  readonly flush: boolean;
  readonly isOut: (virtualServer: string, realServer: string) => boolean;
  readonly isSuspended: (virtualServer: VirtualServerConfig) => boolean;
  /** Why it cannot work on this machine, by virtual server. */
  readonly refused: ReadonlyMap<string, string>;
};

export type DirectorPlan = {
  readonly operations: readonly Operation[];
  readonly verdict: Verdict;
  readonly knownOf: (virtualServer: string, realServer: string) => Known | undefined;
};

export function planDirector(facts: DirectorFacts, wanted: DirectorWanted): DirectorPlan {
  const { virtualServers, isOut, isSuspended, refused, flush } = wanted;
  const listed = facts.table ?? [];
  const found = byName(listed);
  const servers = outlook(virtualServers, facts.remembered, {
    isServing: (service, server) =>
      isServing(service, server, found, isOut(service.name, server.name) ? 0 : 1),
    isSuspended,
  });
  const serverOf = (virtualServer: string, realServer: string): Known | undefined =>
    servers.get(serverKey(virtualServer, realServer));
  const verdict = decide(
    virtualServers,
    {
      nowMs: 0,
      serverOf: (virtualServer, realServer) => ({
        ...(serverOf(virtualServer, realServer) ?? UNKNOWN),
        isOut: isOut(virtualServer, realServer),
      }),
      isTouched: () => true,
      refused,
      found,
    },
    verdictBefore(facts),
  );
  const operations = facts.table === null ? [] : operationsOf(facts, listed, verdict, flush);
  return { operations, verdict, knownOf: serverOf };
}

/** As much of it as another one is decided with. */
function verdictBefore({ quorums, waiting }: DirectorFacts): Verdict {
  const nothing = { services: [], sorryServerActive: false, liveWeight: 0 };
  return {
    ...NO_VERDICT,
    judgements: new Map(quorums.map(([name, quorumUp]) => [name, { ...nothing, quorumUp }])),
    waiting: new Map(waiting.map((name) => [name, { standIns: new Map(), untilMs: 0 }])),
  };
}

function operationsOf(
  { known, hasFlushed }: DirectorFacts,
  listed: readonly Service[],
  { services }: Verdict,
  flush: boolean,
): readonly Operation[] {
  const isAllOurs = flush && !hasFlushed;
  const owned = new Set([
    ...known.owned,
    ...[...services, ...(isAllOurs ? listed : [])].map(({ key }) => serviceName(key)),
  ]);
  const believed = known.believed ?? [];
  const actual = asBelieved(
    listed,
    new Map(believed.map((service) => [serviceName(service.key), service])),
  );
  const wishes = new Map(services.map((service) => [serviceName(service.key), service]));
  const refused = new Map(known.refused);
  const isRefused = (name: string): boolean => refused.get(name) === wishText(wishes.get(name));
  return plan(services, actual, owned).filter(
    (operation) => !isRefused(serviceName(subjectOf(operation))),
  );
}
