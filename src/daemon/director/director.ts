// The director role: from the configuration and the verdicts of the checkers to the kernel's IPVS table.
// Wires together; the deciding is in check/engine, ipvs/quorum and ipvs/reconcile.

import { openSessions } from "../../check/sessions.ts";
import type { Config, VirtualServerConfig } from "../../config/model.ts";
import type { Phase } from "../../control/events.ts";
import type { VirtualServerStatus } from "../../control/status.ts";
import { judgeForwarding } from "../../director/forwarding.ts";
import { openJudgements } from "../../director/judgements.ts";
import { openKept } from "../../director/kept.ts";
import { openKernelAccess } from "../../director/kernel.ts";
import { openMarks } from "../../director/marks.ts";
import { openMonitor } from "../../director/monitor.ts";
import { openNews } from "../../director/news.ts";
import { openOwned } from "../../director/owned.ts";
import { openPresence } from "../../director/presence.ts";
import { openRefusals } from "../../director/refusals.ts";
import { openReminders } from "../../director/reminders.ts";
import { openServers, type Verdict } from "../../director/servers.ts";
import { index, isServing } from "../../director/serving.ts";
import { openLvsSettings } from "../../director/settings.ts";
import { openTable } from "../../director/table.ts";
import { openTakenOut } from "../../director/taken-out.ts";
import { openWays } from "../../director/ways.ts";
import { openIpvs } from "../../ipvs/apply.ts";
import { type LvsConfig, NO_LVS } from "../../ipvs/lvs.ts";
import { type Service, type ServiceKey, serviceName } from "../../ipvs/model.ts";
import type { Judgement } from "../../ipvs/quorum.ts";
import { allowOpenFiles } from "../../kernel/open-files.ts";
import { timeoutClock } from "../../lib/clock.ts";
import { canonicalAddress } from "../../lib/ip.ts";
import { type BusClient, openBusClient } from "../process/bus.ts";
import { busPath } from "../process/bus-messages.ts";
import { directorSysctlPath, keptPath, ownedPath } from "../process/director-files.ts";
import { logPauses } from "../process/log-pauses.ts";
import { type RoleBody, runRole } from "../process/role.ts";
import { openScheduling } from "../process/scheduling.ts";
import { openSysctls } from "../process/sysctls.ts";
import { openCheckClock } from "./clock.ts";
import { type HealthFacts, openHealth, serviceError } from "./health.ts";
import type { DirectorOptions } from "./options.ts";
import { virtualServerStatus } from "./status.ts";

const FLUSH_LIMIT_MS = 500;

export function runDirector(): void {
  // Every probe in flight holds one or two; many a system allows a thousand.
  allowOpenFiles(65_536);
  runRole("director", (context) =>
    openDirector({ context, clock: timeoutClock, checkClock: openCheckClock() }),
  );
}

export function openDirector(options: DirectorOptions): RoleBody {
  const {
    context,
    clock,
    checkClock = clock,
    open = openIpvs,
    probe,
    openBus = openBusClient,
  } = options;
  const { forwarding: judgeForwards = judgeForwarding, nftables, random } = options;
  const { log, runDir } = context;
  const schedule = openScheduling(log);
  const pauses = logPauses(log, clock, "checks");
  const owned = openOwned(ownedPath(runDir), log);
  const kernel = openKernelAccess({ open, log });
  const table = openTable({ kernel, owned, clock, log, onLook: looked });
  const kept = openKept(keptPath(runDir), log);
  const sysctls = openSysctls(directorSysctlPath(runDir), log);
  const settings = openLvsSettings({ kernel, sysctls, kept, clock, log });
  const marks = openMarks({ kept, clock, log, ...(nftables && { open: nftables }) });
  const presence = openPresence(addressesChanged, options.addresses);
  const ways = openWays(log, options.askWay);
  const sessions = openSessions({ clock, onChange: (names) => servers.sessionsChanged(names) });
  const servers = openServers({
    clock: checkClock,
    onVerdict,
    onWeight: changeAll,
    onResult: (result) => monitor.result(result),
    onPause: pauses.told,
    sessions,
    ...(probe && { probe }),
    ...(random && { random }),
  });
  const monitor = openMonitor({ clock, log });
  const takenOut = openTakenOut({
    clock,
    log,
    onFiles: lookWhoIsOut,
    onChange(virtualServer, realServer, { cause }, entered) {
      const checked = servers.isUp(virtualServer, realServer) ? "UP" : "DOWN";
      news.maintenance({ virtualServer, realServer, to: entered ? "MAINT" : checked, cause });
    },
  });
  const bus: BusClient = openBus({
    path: busPath(runDir),
    role: "director",
    status: () => ({
      virtual_servers: status(),
      lvs: {
        ...settings.status(),
        drift: [...table.drift(), ...marks.drift()],
        table_changes: table.changes(),
      },
      degraded: health.list(),
    }),
    onInstance: settings.instanceIs,
    onSessions: sessions.told,
    clock,
    log,
  });
  const health = openHealth({ log, tell: bus.tell, facts });
  const news = openNews(log, bus.tell);
  const reminders = openReminders({
    clock,
    isDown: (virtualServer, realServer) => !servers.isUp(virtualServer, realServer),
    remind,
  });
  const refusals = openRefusals(log);
  const judging = openJudgements({ servers, takenOut, clock, log });
  let virtualServers: readonly VirtualServerConfig[] = [];
  let lvs: LvsConfig = NO_LVS;
  let forwarding = judgeForwards(true);
  let judgements: ReadonlyMap<string, Judgement> = new Map();
  /** What the next configuration is. */
  let phase: Phase = "starting";
  let hasEnded = false;
  // Verdicts of one turn of the loop make one change of the table.
  const change = clock.alarm(() => evaluate());

  /** What is in maintenance is known first: what the kernel has of it stays as it is. */
  function configure(config: Config): void | Promise<void> {
    const known = takenOut.configure(config.global.maintenanceDirectory, config.virtualServers);
    return known === undefined ? use(config) : known.then(() => use(config));
  }

  function use(config: Config): void {
    if (hasEnded) return;
    schedule(config.scheduling.checker);
    lvs = config.lvs;
    virtualServers = config.virtualServers;
    forwarding = judgeForwards(lvs.ipForward);
    if (lvs.flush) kept.flushOnce(table.adoptAll);
    const services = index(table.list() ?? []);
    table.onDrift(lvs.drift);
    settings.configure(lvs, forwarding.isNeeded(virtualServers));
    presence.watch(virtualServers.some(({ haSuspend }) => haSuspend));
    news.configure(virtualServers, phase);
    monitor.configure(virtualServers);
    servers.configure(virtualServers, {
      phase,
      isServing(virtualServer, realServer) {
        const isOut = takenOut.fileOf(virtualServer.name, realServer) !== undefined;
        return isServing(virtualServer, realServer, services, isOut ? 0 : 1);
      },
      isSuspended,
    });
    takenOut.look(virtualServers);
    ways.tell(virtualServers);
    // A mark that changes is served before and after: no packet has one that the table knows nothing of.
    const marked = [...judgements.values()]
      .flatMap(({ services: own }) => own)
      .filter(({ key }) => key.kind === "fwmark");
    judging.configured(virtualServers, services);
    refusals.look(forwarding, virtualServers);
    evaluate(marked);
    marks.configure(lvs, virtualServers);
    if (marked.length > 0) evaluate();
    reminders.configure(virtualServers);
    news.settled();
    phase = "reloading";
  }

  /** Nobody is told again of one that nobody has looked at yet, or that is meant to be out. */
  function remind(virtualServer: string, realServer: string): void {
    const standing = servers.verdictOf(virtualServer, realServer);
    if (standing === undefined || servers.isUndecided(virtualServer, realServer)) return;
    if (takenOut.of(virtualServer, realServer) !== undefined) return;
    news.stillDown(virtualServer, realServer, standing);
  }

  function isSuspended({ haSuspend, keys, marks: own }: VirtualServerConfig): boolean {
    const named = [...keys.flatMap((key) => (key.kind === "address" ? [key] : [])), ...own];
    return (
      haSuspend && !named.some(({ address }) => presence.has(canonicalAddress(address) ?? address))
    );
  }

  function changeAll(): void {
    judging.touchAll();
    change.set(clock.nowMs());
  }

  function addressesChanged(): void {
    for (const { name, now } of servers.suspend(isSuspended)) {
      log.info({ virtual_server: name }, `checks ${now ? "suspended" : "resumed"}`);
    }
    changeAll();
  }

  function looked(): void {
    settings.look();
    if (refusals.look(forwarding, virtualServers)) change.set(clock.nowMs());
    else tellQuorums();
  }

  function onVerdict(verdict: Verdict): void {
    news.verdict(verdict);
    reminders.changed(verdict.virtualServer, verdict.realServer);
    judging.touch(verdict.virtualServer);
    change.set(clock.nowMs());
  }

  function lookWhoIsOut(): void {
    takenOut.look(virtualServers);
    changeAll();
  }

  /** `beside`: services that stay for now although nobody wants them any more. */
  function evaluate(beside: readonly Service[] = []): void {
    judgements = judging.of(virtualServers);
    change.set(judging.againAtMs());
    const accepted = [...judgements].filter(([name]) => refusals.of(name) === null);
    const services = accepted.flatMap(([, { services: own }]) => own);
    const names = new Set(services.map(({ key }) => serviceName(key)));
    table.want([...services, ...beside.filter(({ key }) => !names.has(serviceName(key)))]);
    tellQuorums();
  }

  function tellQuorums(): void {
    news.quorums(judgements, servers.isUndecided);
    health.judge();
  }

  function errorOf(config: VirtualServerConfig, key: ServiceKey): string | null {
    return refusals.of(config.name) ?? table.errorOf(key) ?? marks.errorOf(config);
  }

  function facts(): HealthFacts {
    const drift = [...table.drift(), ...marks.drift()];
    const { isUndecided } = servers;
    const errors = settings.errors();
    return { virtualServers, judgements, isUndecided, errorOf, errors, drift };
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
        error: serviceError(config, errorOf),
        isSuspended: isSuspended(config),
        isUp: (name) => servers.isUp(config.name, name),
        warningOf: ways.warningOf,
        takenOut: (name) => takenOut.of(config.name, name),
        verdictOf: (name) => servers.verdictOf(config.name, name),
        checksOf: (name) => servers.checksOf(config.name, name),
      });
    });
  }

  function lookNoMore(): void {
    hasEnded = true;
    change.set(Infinity);
    for (const each of [servers, sessions, presence, takenOut, reminders, ways, pauses])
      each.close();
  }

  return {
    configure,
    async stop() {
      lookNoMore();
      news.end(servers.isUp);
      if (lvs.flushOnStop) table.adoptAll();
      table.clear();
      marks.clear();
      settings.restore();
      kept.write({ flushedFor: null });
      sysctls.releaseAll();
      table.close();
      await Promise.all([bus.flush(FLUSH_LIMIT_MS), monitor.close(FLUSH_LIMIT_MS)]);
      bus.close();
    },
    /** The table and the marks stay: connections go on, and the next run adopts it. */
    orphaned() {
      lookNoMore();
      table.close();
      marks.close();
      bus.close();
    },
  };
}
