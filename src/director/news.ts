// Tells what becomes of virtual and real servers: by a line in the log and an event for the desk, each with its cause.

import type { VirtualServerConfig } from "../config/model.ts";
import type { Event, Phase } from "../control/events.ts";
import { wallTime } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { ServerNews } from "./servers.ts";
import type { Standing } from "./standing.ts";
import type { QuorumNews, Verdict, VerdictNews } from "./verdict.ts";

export type News = {
  /** What is told from now on, and what is told of a quorum for the first time, is of this phase. */
  readonly begins: (phase: Phase) => void;
  /** What began is told. */
  readonly settled: () => void;
  readonly server: (news: ServerNews) => void;
  readonly maintenance: (news: MaintenanceNews) => void;
  readonly stillDown: (virtualServer: string, realServer: string, standing: Standing) => void;
  readonly verdict: (news: VerdictNews) => void;
  /** The checks of this virtual server rest now, or go on. */
  readonly suspended: (virtualServer: { readonly name: string; readonly now: boolean }) => void;
  /** omega: as if all had failed. */
  readonly end: (
    virtualServers: readonly VirtualServerConfig[],
    told: Verdict["told"],
    isUp: (virtualServer: string, realServer: string) => boolean,
  ) => void;
};

export type MaintenanceNews = {
  readonly virtualServer: string;
  readonly realServer: string;
  readonly to: "MAINT" | "UP" | "DOWN";
  readonly cause: string;
};

export function openNews(log: Log, tell: (event: Event) => void): News {
  let beginning: Phase = "starting";
  let isSettled = true;

  function tellQuorum({ virtualServer, up, cause, isFirst }: QuorumNews): void {
    const phase = isSettled && !isFirst ? "running" : beginning;
    const [from, to] = up ? (["DOWN", "UP"] as const) : (["UP", "DOWN"] as const);
    log.info({ virtual_server: virtualServer, from, to, cause }, "quorum changed");
    tell({ kind: "quorum", at: wallTime(), virtual_server: virtualServer, to, cause, phase });
  }

  return {
    begins(phase) {
      beginning = phase;
      isSettled = false;
    },
    settled() {
      isSettled = true;
    },
    server({ virtualServer, realServer, up, cause, phase }) {
      const subject = { virtual_server: virtualServer, real_server: realServer };
      const [from, to] = up ? (["DOWN", "UP"] as const) : (["UP", "DOWN"] as const);
      log.info({ ...subject, from, to, cause }, "real server state changed");
      tell({ kind: "real_server_state", at: wallTime(), ...subject, to, cause, phase });
    },
    maintenance({ virtualServer, realServer, to, cause }) {
      const phase = isSettled ? "running" : beginning;
      const subject = { virtual_server: virtualServer, real_server: realServer };
      const what = to === "MAINT" ? "real server in maintenance" : "real server out of maintenance";
      log.info({ ...subject, to, cause }, what);
      tell({ kind: "maintenance", at: wallTime(), ...subject, to, cause, phase });
    },
    stillDown(virtual_server, real_server, { since, cause }) {
      const subject = { virtual_server, real_server };
      tell({ kind: "real_server_still_down", at: wallTime(), ...subject, since, cause });
    },
    verdict(news) {
      const virtual_server = news.virtualServer;
      switch (news.kind) {
        case "refused":
          return log.error({ virtual_server, error: news.error }, "service refused");
        case "waiting":
          return log.info(
            { virtual_server, limit_ms: news.limitMs },
            "old real servers serve until checks have decided on the new ones",
          );
        case "quorum":
          return tellQuorum(news);
        default:
          return unreachable(news);
      }
    },
    suspended: ({ name, now }) =>
      log.info({ virtual_server: name }, `checks ${now ? "suspended" : "resumed"}`),
    end(virtualServers, told, isUp) {
      const cause = "shutdown";
      const phase = "stopping";
      for (const { name: virtual_server, omega, realServers } of virtualServers) {
        if (!omega) continue;
        for (const { name: real_server } of realServers) {
          if (!isUp(virtual_server, real_server)) continue;
          const subject = { virtual_server, real_server };
          tell({ kind: "real_server_state", at: wallTime(), ...subject, to: "DOWN", cause, phase });
        }
        if (told.get(virtual_server) !== true) continue;
        tell({ kind: "quorum", at: wallTime(), virtual_server, to: "DOWN", cause, phase });
      }
    },
  };
}
