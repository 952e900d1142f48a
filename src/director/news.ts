// What the director tells of its virtual and real servers: a line in the log and an event for the desk, each with its
// cause. Quorums are told when they change; that there is none before the first probes ended is no news.

import type { VirtualServerConfig } from "../config/model.ts";
import type { Event, Phase } from "../control/events.ts";
import type { Judgement } from "../ipvs/quorum.ts";
import { wallTime } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Standing, Verdict } from "./servers.ts";

export type News = {
  /** These are told of from now on; `phase` is that of what changes at once. */
  readonly configure: (virtualServers: readonly VirtualServerConfig[], phase: Phase) => void;
  /** What `configure` changed is told. */
  readonly settled: () => void;
  readonly verdict: (verdict: Verdict) => void;
  readonly maintenance: (server: {
    readonly virtualServer: string;
    readonly realServer: string;
    readonly to: "MAINT" | "UP" | "DOWN";
    readonly cause: string;
  }) => void;
  readonly stillDown: (virtualServer: string, realServer: string, standing: Standing) => void;
  readonly quorums: (
    judgements: ReadonlyMap<string, Judgement>,
    isUndecided: (virtualServer: string, realServer: string) => boolean,
  ) => void;
  /** omega: as if all had failed. */
  readonly end: (isUp: (virtualServer: string, realServer: string) => boolean) => void;
};

export function openNews(log: Log, tell: (event: Event) => void): News {
  let virtualServers: readonly VirtualServerConfig[] = [];
  /** Since the last start or reload; what is told of a quorum for the first time belongs to it. */
  let beginning: Phase = "starting";
  let isSettled = true;
  /** The quorum that was last told, by virtual server. */
  const told = new Map<string, boolean>();

  function tellQuorum(config: VirtualServerConfig, judgement: Judgement, phase: Phase): void {
    const [from, to] = judgement.quorumUp ? (["DOWN", "UP"] as const) : (["UP", "DOWN"] as const);
    const cause = `live weight ${judgement.liveWeight}, quorum ${config.quorum}`;
    log.info({ virtual_server: config.name, from, to, cause }, "quorum changed");
    tell({ kind: "quorum", at: wallTime(), virtual_server: config.name, to, cause, phase });
  }

  return {
    configure(next, phase) {
      virtualServers = next;
      beginning = phase;
      isSettled = false;
      const names = new Set(virtualServers.map(({ name }) => name));
      for (const name of told.keys()) if (!names.has(name)) told.delete(name);
    },
    settled() {
      isSettled = true;
    },
    verdict({ virtualServer, realServer, up, cause, phase }) {
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
    quorums(judgements, isUndecided) {
      for (const config of virtualServers) {
        const judgement = judgements.get(config.name);
        const before = told.get(config.name);
        if (judgement === undefined || judgement.quorumUp === before) continue;
        const isStarting = config.realServers.some(({ name }) => isUndecided(config.name, name));
        if (!judgement.quorumUp && before === undefined && isStarting) continue;
        told.set(config.name, judgement.quorumUp);
        tellQuorum(config, judgement, isSettled && before !== undefined ? "running" : beginning);
      }
    },
    end(isUp) {
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
