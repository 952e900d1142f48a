// Decides what is to become of the virtual servers: the services that the kernel's table should have, the quorums, and the
// news of them. Pure. It does not look at thousands of real servers again because something happened to one.
//
// Make before break: a reload or a start that replaces so many real servers that the quorum is gone until checks have
// answered keeps what serves now, until the new ones are decided: at once by a failure, and by a check's own limits at most.

import { patienceMs, REPEATS_MAX } from "../check/timing.ts";
import type { CheckConfig } from "../check/types/index.ts";
import type { VirtualServerConfig } from "../config/model.ts";
import type { Service } from "../ipvs/model.ts";
import { type Judgement, judge } from "../ipvs/quorum.ts";
import { judgeBeside, type StandIns, standInsOf } from "../ipvs/stand-ins.ts";
import { SPREAD_MAX_MS } from "./checkers.ts";

/** What is known of a real server. */
export type ServerFacts = {
  readonly up: boolean;
  /** As its checks say; undefined = they say nothing of it. */
  readonly weight: number | undefined;
  /** The first probe of a checker has not ended yet. */
  readonly isUndecided: boolean;
  /** DOWN, and its first results may still bring it UP. */
  readonly isPending: boolean;
  /** In maintenance. */
  readonly isOut: boolean;
};

export type Facts = {
  readonly nowMs: number;
  readonly serverOf: (virtualServer: string, realServer: string) => ServerFacts;
  /** Something happened to one of its real servers. */
  readonly isTouched: (virtualServer: string) => boolean;
  /** Why a virtual server cannot work on this machine as it is: it is not put into the table until it can. */
  readonly refused: ReadonlyMap<string, string>;
  /** The kernel's table by name of the service, when there is another configuration. */
  readonly found?: ReadonlyMap<string, Service>;
};

export type Verdict = {
  /** The same object as before when nothing changed. */
  readonly services: readonly Service[];
  /** By virtual server, as all maps here; those that nothing happened to are the same objects as before. */
  readonly judgements: ReadonlyMap<string, Judgement>;
  readonly refused: ReadonlyMap<string, string>;
  /** What serves until checks have decided. */
  readonly waiting: ReadonlyMap<string, Waiting>;
  /** The quorum that was news last. */
  readonly told: ReadonlyMap<string, boolean>;
  readonly news: readonly VerdictNews[];
  /** When it has to be asked for again, whatever happens. */
  readonly againAtMs: number;
};

export type QuorumNews = {
  readonly kind: "quorum";
  readonly virtualServer: string;
  readonly up: boolean;
  readonly cause: string;
  readonly isFirst: boolean;
};
export type VerdictNews =
  | QuorumNews
  | { readonly kind: "refused"; readonly virtualServer: string; readonly error: string }
  | { readonly kind: "waiting"; readonly virtualServer: string; readonly limitMs: number };

type Waiting = { readonly standIns: StandIns; readonly untilMs: number };

export const NO_VERDICT: Verdict = {
  services: [],
  judgements: new Map(),
  refused: new Map(),
  waiting: new Map(),
  told: new Map(),
  news: [],
  againAtMs: Infinity,
};

/** A check that fails for the first time is no verdict: what was waited for is looked at so often. */
const LOOK_MS = 200;
const NOBODY: StandIns = new Map();

export function decide(
  configs: readonly VirtualServerConfig[],
  facts: Facts,
  before: Verdict,
): Verdict {
  const { refused, found, nowMs } = facts;
  const judgements = new Map<string, Judgement>();
  const waiting = new Map<string, Waiting>();
  const told = new Map<string, boolean>();
  const news: VerdictNews[] = [];
  for (const [virtualServer, error] of refused) {
    if (before.refused.get(virtualServer) === error) continue;
    news.push({ kind: "refused", virtualServer, error });
  }
  for (const config of configs) {
    const { name } = config;
    const known = before.judgements.get(name);
    const held = waitingOf(config, facts, before);
    if (held !== undefined) waiting.set(name, held);
    if (held !== undefined && found !== undefined) {
      news.push({ kind: "waiting", virtualServer: name, limitMs: held.untilMs - nowMs });
    }
    const isOther =
      found !== undefined || held !== before.waiting.get(name) || facts.isTouched(name);
    const judgement =
      known === undefined || isOther ? judgementOf(config, held?.standIns, facts, known) : known;
    judgements.set(name, judgement);
    const quorum = quorumNews(config, judgement, facts, before.told.get(name));
    if (quorum !== undefined) news.push(quorum);
    const quorumTold = quorum?.up ?? before.told.get(name);
    if (quorumTold !== undefined) told.set(name, quorumTold);
  }
  const isSame = isSameMap(judgements, before.judgements) && isSameMap(refused, before.refused);
  const services = isSame
    ? before.services
    : [...judgements].flatMap(([name, { services: own }]) => (refused.has(name) ? [] : own));
  const againAtMs = waiting.size === 0 ? Infinity : nowMs + LOOK_MS;
  return { services, judgements, refused, waiting, told, news, againAtMs };
}

function judgementOf(
  config: VirtualServerConfig,
  standIns: StandIns = NOBODY,
  { serverOf }: Facts,
  known: Pick<Judgement, "quorumUp"> | undefined,
): Judgement {
  const servers = new Map(
    config.realServers.map(({ name }) => [name, serverOf(config.name, name)]),
  );
  const isUp = (name: string): boolean => {
    const server = servers.get(name);
    return server !== undefined && server.up && !(config.maintenanceRemove && server.isOut);
  };
  const weightOf = (name: string): number | undefined => {
    const server = servers.get(name);
    // It keeps its connections, and gets no new ones.
    return server?.isOut ? 0 : server?.weight;
  };
  const quorumUp = known?.quorumUp ?? null;
  return standIns.size === 0
    ? judge(config, isUp, quorumUp, weightOf)
    : judgeBeside(config, standIns, isUp, quorumUp, weightOf);
}

function waitingOf(
  config: VirtualServerConfig,
  facts: Facts,
  before: Verdict,
): Waiting | undefined {
  const { found, nowMs, serverOf } = facts;
  const { name, realServers } = config;
  const isPending = (): boolean =>
    realServers.some((server) => serverOf(name, server.name).isPending);
  if (found === undefined) {
    const held = before.waiting.get(name);
    return held !== undefined && nowMs < held.untilMs && isPending() ? held : undefined;
  }
  const standIns = standInsOf(config, found);
  if (standIns.size === 0 || !isPending()) return undefined;
  // A service that waits already had no quorum without its stand-ins, whatever hysteresis says with them.
  const known = before.waiting.has(name) ? { quorumUp: false } : before.judgements.get(name);
  const { quorumUp } = judgementOf(config, NOBODY, facts, known);
  return quorumUp ? undefined : { standIns, untilMs: nowMs + decidedAfterMs(config) };
}

/** That there is no quorum before the first probes ended is no news. */
function quorumNews(
  { name: virtualServer, quorum, realServers }: VirtualServerConfig,
  { quorumUp: up, liveWeight }: Judgement,
  { serverOf }: Facts,
  before: boolean | undefined,
): QuorumNews | undefined {
  if (up === before) return undefined;
  const isFirst = before === undefined;
  const isStarting = (): boolean =>
    realServers.some(({ name }) => serverOf(virtualServer, name).isUndecided);
  if (!up && isFirst && isStarting()) return undefined;
  const cause = `live weight ${liveWeight}, quorum ${quorum}`;
  return { kind: "quorum", virtualServer, up, cause, isFirst };
}

function isSameMap<Value>(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);
}

/**
 * By then every real server is decided: its checks have begun, have had their time, as often as `rise` asks, and once more
 * for each time that they were asked again because this process stood still.
 */
function decidedAfterMs({ realServers }: VirtualServerConfig): number {
  return Math.max(0, ...realServers.flatMap(({ checks }) => checks.map(decisionMs)));
}

function decisionMs(check: CheckConfig): number {
  const { warmupMs, rise, intervalMs, fastIntervalMs, downIntervalMs } = check;
  const againMs = fastIntervalMs ?? downIntervalMs ?? intervalMs;
  const beginMs = (warmupMs ?? SPREAD_MAX_MS) + patienceMs(check, "queued");
  return beginMs + (rise - 1) * againMs + (1 + REPEATS_MAX) * patienceMs(check, "probing");
}
