// What is to become of each virtual server. Thousands of real servers are not looked at again for the verdict of one.
//
// Make before break: a reload or a start that replaces so many real servers that the quorum is gone until checks have
// answered keeps what serves now, until the new ones are decided, for the length of one check at most.

import type { CheckConfig } from "../check/model.ts";
import { GRACE_MS } from "../check/timing.ts";
import type { VirtualServerConfig } from "../config/model.ts";
import type { Service } from "../ipvs/model.ts";
import { type Judgement, judge } from "../ipvs/quorum.ts";
import { judgeBeside, type StandIns, standInsOf } from "../ipvs/stand-ins.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { SPREAD_MAX_MS } from "./checkers.ts";
import type { Servers } from "./servers.ts";
import type { TakenOut } from "./taken-out.ts";

export type Judgements = {
  /** Something happened to one of its real servers. */
  readonly touch: (virtualServer: string) => void;
  /** Something happened that may be of interest to all. */
  readonly touchAll: () => void;
  /** There is another configuration; `actual` is the kernel's table, by name of the service. */
  readonly configured: (
    configs: readonly VirtualServerConfig[],
    actual: ReadonlyMap<string, Service>,
  ) => void;
  /** By name of the virtual server; those of services that nothing happened to are the same objects as before. */
  readonly of: (configs: readonly VirtualServerConfig[]) => ReadonlyMap<string, Judgement>;
  /** When somebody has to ask again, whatever happens. */
  readonly againAtMs: () => number;
};

/** A check that fails for the first time is no verdict: what was waited for is looked at so often. */
const LOOK_MS = 200;

type Waiting = { readonly standIns: StandIns; readonly untilMs: number };

export function openJudgements(parts: {
  readonly servers: Pick<Servers, "isUp" | "weightOf" | "isPending">;
  readonly takenOut: Pick<TakenOut, "of">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Log;
}): Judgements {
  const { servers, takenOut, clock, log } = parts;
  let judgements: ReadonlyMap<string, Judgement> = new Map();
  let touched = new Set<string>();
  let areAll = true;
  /** By name of the virtual server. */
  const waiting = new Map<string, Waiting>();

  function judgementOf(config: VirtualServerConfig, standIns: StandIns): Judgement {
    const { name: service } = config;
    const isOut = (name: string): boolean => takenOut.of(service, name) !== undefined;
    const isUp = (name: string): boolean =>
      servers.isUp(service, name) && !(config.maintenanceRemove && isOut(name));
    // It keeps its connections, and gets no new ones.
    const weightOf = (name: string): number | undefined =>
      isOut(name) ? 0 : servers.weightOf(service, name);
    const before = judgements.get(service)?.quorumUp ?? null;
    return standIns.size === 0
      ? judge(config, isUp, before, weightOf)
      : judgeBeside(config, standIns, isUp, before, weightOf);
  }

  function isPending({ name, realServers }: VirtualServerConfig): boolean {
    return realServers.some((server) => servers.isPending(name, server.name));
  }

  function configured(
    configs: readonly VirtualServerConfig[],
    actual: ReadonlyMap<string, Service>,
  ): void {
    areAll = true;
    waiting.clear();
    for (const config of configs) {
      const standIns = standInsOf(config, actual);
      if (standIns.size === 0 || !isPending(config)) continue;
      if (judgementOf(config, NONE).quorumUp) continue;
      const limitMs = patienceMs(config);
      waiting.set(config.name, { standIns, untilMs: clock.nowMs() + limitMs });
      const fields = { virtual_server: config.name, limit_ms: limitMs };
      log.info(fields, "old real servers serve until checks have decided on the new ones");
    }
  }

  function standInsNow(config: VirtualServerConfig): StandIns {
    const { name } = config;
    const held = waiting.get(name);
    if (held === undefined) return NONE;
    if (clock.nowMs() < held.untilMs && isPending(config)) return held.standIns;
    waiting.delete(name);
    touched.add(name);
    return NONE;
  }

  function judged(config: VirtualServerConfig): Judgement {
    const standIns = standInsNow(config);
    const before = judgements.get(config.name);
    if (before !== undefined && !areAll && !touched.has(config.name)) return before;
    return judgementOf(config, standIns);
  }

  return {
    touch: (virtualServer) => void touched.add(virtualServer),
    touchAll() {
      areAll = true;
    },
    configured,
    of(configs) {
      judgements = new Map(configs.map((config) => [config.name, judged(config)]));
      touched = new Set();
      areAll = false;
      return judgements;
    },
    againAtMs: () => (waiting.size === 0 ? Infinity : clock.nowMs() + LOOK_MS),
  };
}

const NONE: StandIns = new Map();

/** By then every real server is decided: its checks have begun, and have had their time; so often as `rise` asks. */
function patienceMs({ realServers }: VirtualServerConfig): number {
  return Math.max(0, ...realServers.flatMap(({ checks }) => checks.map(decisionMs)));
}

function decisionMs(check: CheckConfig): number {
  const { warmupMs, timeoutMs, rise, intervalMs, fastIntervalMs, downIntervalMs } = check;
  const againMs = fastIntervalMs ?? downIntervalMs ?? intervalMs;
  return (warmupMs ?? SPREAD_MAX_MS) + (rise - 1) * againMs + timeoutMs + GRACE_MS;
}
