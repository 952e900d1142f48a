// The parts of the director role, in the order in which they are made: what it has of the kernel, then what it knows of the
// real servers. What happens to them is put where director.ts finds it.

import type { Probe } from "../../check/probes/probe.ts";
import { openSessions, type Sessions } from "../../check/sessions.ts";
import type { VirtualServerConfig } from "../../config/model.ts";
import type { Phase } from "../../control/events.ts";
import type { Forwarding, judgeForwarding } from "../../director/forwarding.ts";
import { type Kept, openKept } from "../../director/kept.ts";
import { openKernelAccess } from "../../director/kernel.ts";
import { type Marks, openMarks } from "../../director/marks.ts";
import { type Monitor, openMonitor } from "../../director/monitor.ts";
import type { News } from "../../director/news.ts";
import { openOwned } from "../../director/owned.ts";
import { type AddressSource, openPresence, type Presence } from "../../director/presence.ts";
import { openReminders, type Reminders } from "../../director/reminders.ts";
import { openServers, type ServerNews, type Servers } from "../../director/servers.ts";
import { type DirectorIpvs, type LvsSettings, openLvsSettings } from "../../director/settings.ts";
import { isSuspended } from "../../director/standing.ts";
import { openTable, type Table } from "../../director/table.ts";
import { openTakenOut, type TakenOut } from "../../director/taken-out.ts";
import type { Verdict } from "../../director/verdict.ts";
import { type AskWay, openWays, type Ways } from "../../director/ways.ts";
import { openIpvs } from "../../ipvs/apply.ts";
import type { LvsConfig } from "../../ipvs/lvs.ts";
import type { Nftables } from "../../kernel/nftables.ts";
import { hearStreams } from "../../kernel/tcp-stream.ts";
import type { Alarm, Clock } from "../../lib/clock.ts";
import { openMailbox } from "../../lib/mailbox.ts";
import { openSharedClock } from "../../lib/shared-clock.ts";
import type { ServiceNow } from "../../track/services.ts";
import type { openBusClient } from "../process/bus.ts";
import type { DegradedBook } from "../process/degraded-book.ts";
import { directorSysctlPath, keptPath, ownedPath } from "../process/director-files.ts";
import { logPauses } from "../process/log-pauses.ts";
import type { RoleContext } from "../process/role.ts";
import { openSysctls, type Sysctls } from "../process/sysctls.ts";

/** This machine, or one of the tests. */
export type DirectorOptions = {
  readonly context: RoleContext;
  readonly clock: Clock;
  /** Of the checkers, for which some milliseconds are as good as none; left out = `clock`. */
  readonly checkClock?: Clock;
  /** For tests: the kernel's table, the probes and the bus of a machine that is not this one. */
  readonly open?: () => DirectorIpvs;
  readonly probe?: Probe;
  /** 0 to 1: when checks begin. */
  readonly random?: () => number;
  readonly openBus?: typeof openBusClient;
  readonly addresses?: AddressSource;
  readonly forwarding?: typeof judgeForwarding;
  readonly nftables?: () => Nftables;
  readonly askWay?: AskWay;
};

export type Director = {
  readonly clock: Clock;
  readonly table: Table;
  readonly settings: LvsSettings;
  readonly marks: Marks;
  readonly kept: Kept;
  readonly sysctls: Sysctls;
  readonly sessions: Sessions;
  readonly servers: Servers;
  readonly takenOut: TakenOut;
  readonly presence: Presence;
  readonly ways: Ways;
  readonly monitor: Monitor;
  readonly reminders: Reminders;
  /** Its checks rest: this node has none of its addresses. */
  readonly isSuspended: (virtualServer: VirtualServerConfig) => boolean;
  /** Nothing happens any more; the monitor has an end of its own. */
  readonly lookNoMore: () => void;
  readonly news: News;
  readonly degraded: DegradedBook;
  readonly tell: RoleContext["tell"];
  /** Verdicts of one turn of the loop make one change of the table. */
  readonly change: Alarm;
  readonly now: Now;
};

/** What is configured, and what has been decided. */
export type Now = {
  virtualServers: readonly VirtualServerConfig[];
  lvs: LvsConfig;
  forwarding: Forwarding;
  verdict: Verdict;
  /** Virtual servers that something happened to since then. */
  touched: Set<string> | "all";
  /** Virtual servers that elections track, and what they were told of them. */
  tracked: ReadonlySet<string>;
  served: readonly ServiceNow[];
  /** What the next configuration is. */
  phase: Phase;
  hasEnded: boolean;
};

export type Happening =
  | { readonly kind: "server"; readonly news: ServerNews }
  /** In this order: it is time to decide; the kernel's table was looked at; this node has other addresses; files of the
   * maintenance directory came or went; checks say another weight. */
  | { readonly kind: "due" | "looked" | "addresses" | "files" | "weight" };

type Put = (happening: Happening) => void;

export function openKernelSide(
  options: DirectorOptions,
  put: Put,
): Pick<Director, "table" | "settings" | "marks" | "kept" | "sysctls"> {
  const { context, clock, open = openIpvs, nftables } = options;
  const { log, runDir, started } = context;
  const kernel = openKernelAccess({ open, log });
  const owned = openOwned(ownedPath(runDir), log);
  const kept = openKept(keptPath(runDir), log, String(started.wallMs));
  const sysctls = openSysctls(directorSysctlPath(runDir), log);
  return {
    table: openTable({ kernel, owned, clock, log, onLook: () => put({ kind: "looked" }) }),
    settings: openLvsSettings({ kernel, sysctls, kept, clock, log }),
    marks: openMarks({ kept, clock, log, ...(nftables && { open: nftables }) }),
    kept,
    sysctls,
  };
}

type Facts = "servers" | "sessions" | "presence" | "takenOut" | "reminders" | "ways" | "monitor";

export function openKnowledge(
  options: DirectorOptions,
  put: Put,
  news: News,
): Pick<Director, Facts | "isSuspended" | "lookNoMore"> {
  const { context, clock, checkClock = clock, probe, random } = options;
  const { log } = context;
  const pauses = logPauses(log, clock, "checks");
  const monitor = openMonitor({ clock, log });
  const sessionNames = openMailbox<ReadonlySet<string>>();
  const sessions = openSessions({ clock, onChange: sessionNames.put });
  const servers = openServers({
    clock: checkClock,
    onVerdict: (told) => put({ kind: "server", news: told }),
    onWeight: () => put({ kind: "weight" }),
    onResult: monitor.result,
    onPause: pauses.told,
    sessions,
    ...(probe && { probe }),
    ...(random && { random }),
  });
  sessionNames.open(servers.sessionsChanged);
  const takenOut = openTakenOut({
    clock,
    log,
    onFiles: () => put({ kind: "files" }),
    onChange(virtualServer, realServer, { cause }, entered) {
      const checked = servers.of(virtualServer, realServer).up ? "UP" : "DOWN";
      news.maintenance({ virtualServer, realServer, to: entered ? "MAINT" : checked, cause });
    },
  });
  const presence = openPresence(() => put({ kind: "addresses" }), options.addresses);
  const ways = openWays(log, options.askWay);
  const reminders = openReminders({
    clock,
    isDown: (virtualServer, realServer) => !servers.of(virtualServer, realServer).up,
    /** Nobody is told again of one that nobody has looked at yet, or that is meant to be out. */
    remind(virtualServer, realServer) {
      const standing = servers.standingOf(virtualServer, realServer);
      const { isUndecided } = servers.of(virtualServer, realServer);
      if (standing === undefined || isUndecided || takenOut.of(virtualServer, realServer)) return;
      news.stillDown(virtualServer, realServer, standing);
    },
  });
  const all = [servers, sessions, presence, takenOut, reminders, ways, pauses];
  const lookNoMore = (): void => all.forEach((each) => each.close());
  const suspended = (each: VirtualServerConfig): boolean => isSuspended(each, presence.has);
  return {
    isSuspended: suspended,
    sessions,
    servers,
    takenOut,
    presence,
    ways,
    monitor,
    reminders,
    lookNoMore,
  };
}

/** Checks that begin in the same moment share a wake-up, which costs as much as a check. */
const CHECK_GRAIN_MS = 4;

/** Of the checkers. A limit that is looked at late is no limit that was missed: what came in time is heard first. */
export function openCheckClock(): Clock {
  return openSharedClock(CHECK_GRAIN_MS, hearStreams);
}
