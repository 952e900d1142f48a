// The director role: from the configuration and the verdicts of the checkers to the kernel's IPVS table. Made in stages
// (stages.ts); from then on each thing that happens is one call of happened(). What it means is decided by
// director/verdict.ts, check/engine.ts and ipvs/reconcile.ts.

import type { Config } from "../../config/model.ts";
import type { Event } from "../../control/events.ts";
import { type Forwarding, judgeForwarding } from "../../director/forwarding.ts";
import { openNews } from "../../director/news.ts";
import { isServing } from "../../director/standing.ts";
import { byName } from "../../director/table.ts";
import { decide, type Facts, NO_VERDICT } from "../../director/verdict.ts";
import { NO_LVS } from "../../ipvs/lvs.ts";
import { type Service, serviceName } from "../../ipvs/model.ts";
import { allowOpenFiles } from "../../kernel/open-files.ts";
import { timeoutClock } from "../../lib/clock.ts";
import { openMailbox } from "../../lib/mailbox.ts";
import { unreachable } from "../../lib/unreachable.ts";
import { type BusClient, openBusClient } from "../process/bus.ts";
import { busPath } from "../process/bus-messages.ts";
import { openDegradedBook } from "../process/degraded-book.ts";
import { type RoleBody, runRole } from "../process/role.ts";
import { openScheduling } from "../process/scheduling.ts";
import { writeHealth } from "./health.ts";
import { factsOf } from "./plan.ts";
import { tellServed, trackedIn } from "./serving.ts";
import {
  type Director,
  type DirectorOptions,
  type Happening,
  type Now,
  openCheckClock,
  openKernelSide,
  openKnowledge,
} from "./stages.ts";
import { roleStatus } from "./status.ts";

const FLUSH_LIMIT_MS = 500;

export function runDirector(): void {
  // Every probe in flight holds one or two; many a system allows a thousand.
  allowOpenFiles(65_536);
  runRole("director", (context) =>
    openDirector({ context, clock: timeoutClock, checkClock: openCheckClock() }),
  );
}

export function openDirector(options: DirectorOptions): RoleBody {
  const { context, clock, openBus = openBusClient, forwarding = judgeForwarding } = options;
  const { log, runDir } = context;
  const happenings = openMailbox<Happening>();
  const events = openMailbox<Event>();
  const schedule = openScheduling(log);
  const news = openNews(log, events.put);
  const director: Director = {
    clock,
    ...openKernelSide(options, happenings.put),
    ...openKnowledge(options, happenings.put, news),
    news,
    degraded: openDegradedBook({ log, tell: events.put }),
    tell: context.tell,
    change: clock.alarm(() => happenings.put({ kind: "due" })),
    now: atFirst(forwarding(true)),
  };
  const bus: BusClient = openBus({
    path: busPath(runDir),
    role: "director",
    status: () => roleStatus(director),
    facts: () => factsOf(director),
    onInstance: director.settings.instanceIs,
    onSessions: director.sessions.told,
    clock,
    log,
  });
  events.open(bus.tell);
  happenings.open((happening) => happened(director, happening));
  return {
    /** What is in maintenance is known first: what the kernel has of it stays as it is. */
    configure(config) {
      const { global, virtualServers, scheduling } = config;
      const known = director.takenOut.configure(global.maintenanceDirectory, virtualServers);
      const use = (): void => {
        if (director.now.hasEnded) return;
        schedule(scheduling.checker);
        configure(director, config, forwarding(config.lvs.ipForward));
      };
      return known === undefined ? use() : known.then(use);
    },
    async stop() {
      stop(director);
      await Promise.all([bus.flush(FLUSH_LIMIT_MS), director.monitor.close(FLUSH_LIMIT_MS)]);
      bus.close();
    },
    /** The table and the marks stay: connections go on, and the next run adopts it. */
    orphaned() {
      lookNoMore(director);
      for (const each of [director.table, director.settings, director.marks]) each.close();
      bus.close();
    },
  };
}

function atFirst(forwarding: Forwarding): Now {
  return {
    virtualServers: [],
    lvs: NO_LVS,
    forwarding,
    verdict: NO_VERDICT,
    touched: new Set(),
    tracked: new Set(),
    served: [],
    phase: "starting",
    hasEnded: false,
  };
}

function configure(
  director: Director,
  { lvs, virtualServers, vrrpInstances }: Config,
  forwarding: Forwarding,
): void {
  const { now, table, takenOut, news } = director;
  const { phase } = now;
  Object.assign(now, { lvs, virtualServers, forwarding, tracked: trackedIn(vrrpInstances) });
  if (lvs.flush) director.kept.flushOnce(table.adoptAll);
  const found = byName(table.list() ?? []);
  table.onDrift(lvs.drift);
  director.settings.configure(lvs, forwarding.isNeeded(virtualServers));
  director.presence.watch(virtualServers.some(({ haSuspend }) => haSuspend));
  news.begins(phase);
  director.monitor.configure(virtualServers);
  director.servers.configure(virtualServers, {
    phase,
    isServing(virtualServer, realServer) {
      const isOut = takenOut.fileOf(virtualServer.name, realServer) !== undefined;
      return isServing(virtualServer, realServer, found, isOut ? 0 : 1);
    },
    isSuspended: director.isSuspended,
  });
  takenOut.look(virtualServers);
  director.ways.tell(virtualServers);
  // A mark that changes is served before and after: no packet has one that the table knows nothing of.
  const marked = now.verdict.services.filter(({ key }) => key.kind === "fwmark");
  decideNow(director, forwarding.problemsOf(virtualServers), found);
  table.want(withOthers(now.verdict.services, marked));
  director.marks.configure(lvs, virtualServers);
  if (marked.length > 0) table.want(now.verdict.services);
  writeHealth(director);
  tellServed(director);
  director.reminders.configure(virtualServers);
  news.settled();
  now.phase = "reloading";
}

function happened(director: Director, happening: Happening): void {
  const { now, news, servers, takenOut } = director;
  switch (happening.kind) {
    case "due":
      return bringAbout(director);
    case "looked":
      return bringAbout(director, now.forwarding.problemsOf(now.virtualServers));
    case "server": {
      const { virtualServer, realServer } = happening.news;
      news.server(happening.news);
      director.reminders.changed(virtualServer, realServer);
      if (now.touched !== "all") now.touched.add(virtualServer);
      return director.change.set(director.clock.nowMs());
    }
    case "weight":
      return changeAll(director);
    case "files":
      takenOut.look(now.virtualServers);
      return changeAll(director);
    case "addresses":
      for (const each of servers.suspend(director.isSuspended)) news.suspended(each);
      return changeAll(director);
    default:
      return unreachable(happening);
  }
}

function changeAll({ now, change, clock }: Director): void {
  now.touched = "all";
  change.set(clock.nowMs());
}

function bringAbout(director: Director, refused = director.now.verdict.refused): void {
  const { now, table } = director;
  const { services } = now.verdict;
  decideNow(director, refused);
  if (now.verdict.services !== services) table.want(now.verdict.services);
  writeHealth(director);
  tellServed(director);
}

/** `found`: the kernel's table, when there is another configuration. */
function decideNow(
  director: Director,
  refused: Facts["refused"],
  found?: ReadonlyMap<string, Service>,
): void {
  const { now, clock, news, servers, takenOut } = director;
  const { touched } = now;
  now.touched = new Set();
  const facts: Facts = {
    nowMs: clock.nowMs(),
    serverOf(virtualServer, realServer) {
      const isOut = takenOut.of(virtualServer, realServer) !== undefined;
      return { ...servers.of(virtualServer, realServer), isOut };
    },
    isTouched: (name) => touched === "all" || touched.has(name),
    refused,
    ...(found && { found }),
  };
  now.verdict = decide(now.virtualServers, facts, now.verdict);
  director.change.set(now.verdict.againAtMs);
  for (const each of now.verdict.news) news.verdict(each);
}

/** `others` that have no name in it stay for now although nobody wants them any more. */
function withOthers(services: readonly Service[], others: readonly Service[]): readonly Service[] {
  const names = new Set(services.map(({ key }) => serviceName(key)));
  return [...services, ...others.filter(({ key }) => !names.has(serviceName(key)))];
}

function lookNoMore(director: Director): void {
  director.now.hasEnded = true;
  director.change.set(Infinity);
  director.lookNoMore();
}

function stop(director: Director): void {
  const { now, table, kept, news, servers } = director;
  lookNoMore(director);
  news.end(now.virtualServers, now.verdict.told, (virtualServer, realServer) => {
    return servers.of(virtualServer, realServer).up;
  });
  if (now.lvs.flushOnStop) table.adoptAll();
  // What stays needs its marks and ip_forward: the files that name them stay too, as after a crash.
  if (!now.lvs.keepOnStop) {
    table.clear();
    director.marks.clear();
    director.sysctls.releaseAll();
  }
  director.settings.restore();
  kept.write({ flushedFor: null });
  table.close();
}
