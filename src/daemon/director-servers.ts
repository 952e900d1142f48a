// The real servers and their checkers: which are UP, and why. Starts, keeps and stops checkers as the
// configuration asks. Does not know the kernel's table: who is assumed UP before its first probe is told.

import type { CheckConfig, Target } from "../check/model.ts";
import type { Probe } from "../check/probes/index.ts";
import { openRunner, type Why } from "../check/runner.ts";
import type { RealServerConfig, VirtualServerConfig } from "../config/model.ts";
import type { CheckStatus } from "../control/status.ts";
import { type Clock, wallTimeOf } from "../lib/clock.ts";

export type Servers = {
  readonly configure: (virtualServers: readonly VirtualServerConfig[], now: Now) => void;
  /** Checks rest and begin again as it says now; what changed. */
  readonly suspend: (
    isSuspended: Now["isSuspended"],
  ) => readonly { readonly name: string; readonly now: boolean }[];
  readonly isUp: (virtualServer: string, realServer: string) => boolean;
  /** The first probe of a checker has not ended yet. */
  readonly isUndecided: (virtualServer: string, realServer: string) => boolean;
  readonly checksOf: (virtualServer: string, realServer: string) => readonly CheckStatus[];
  readonly close: () => void;
};

type Now = {
  /** Has the kernel's table this one with a weight? It is then assumed UP until a probe says no. */
  readonly isServing: (virtualServer: VirtualServerConfig, realServer: RealServerConfig) => boolean;
  /** Its checkers rest, and its verdicts stay. */
  readonly isSuspended: (virtualServer: VirtualServerConfig) => boolean;
};

export type Verdict = {
  readonly virtualServer: string;
  readonly realServer: string;
  readonly up: boolean;
  readonly cause: string;
};

type Server = {
  readonly virtualServer: string;
  readonly realServer: string;
  readonly target: Target;
  readonly checkers: readonly Checker[];
};

type Checker = { readonly key: string; readonly config: CheckConfig };

const SPREAD_PER_CHECKER_MS = 2;
const SPREAD_MAX_MS = 1000;

export function openServers(options: {
  readonly clock: Clock;
  /** Of a real server, on every change; not of what it is assumed to be at first. */
  readonly onVerdict: (verdict: Verdict) => void;
  readonly probe?: Probe;
  /** 0 to 1. */
  readonly random?: () => number;
}): Servers {
  const { clock, onVerdict, probe, random = Math.random } = options;
  const runner = openRunner({ clock, onVerdict: onCheckVerdict, ...(probe && { probe }) });
  let servers: ReadonlyMap<string, Server> = new Map();
  /** Verdicts, by key of `servers`. */
  const ups = new Map<string, boolean>();
  let virtualServers: readonly VirtualServerConfig[] = [];
  /** Names of virtual servers whose checkers rest. */
  let suspended: ReadonlySet<string> = new Set();
  let owners: ReadonlyMap<string, string> = new Map();

  function configure(
    configs: readonly VirtualServerConfig[],
    { isServing, isSuspended }: Now,
  ): void {
    virtualServers = configs;
    const restedBefore = suspended;
    suspended = new Set(configs.filter(isSuspended).map(({ name }) => name));
    const before = servers;
    const next = new Map<string, Server>();
    const starts: Start[] = [];
    for (const virtualServer of virtualServers) {
      for (const realServer of virtualServer.realServers) {
        const server = serverOf(virtualServer, realServer);
        const key = serverKey(server);
        const old = before.get(key);
        // Another address is another server: what was known of the old one says nothing about it.
        const same = old !== undefined && sameTarget(old, server);
        const known = same ? ups.get(key) : undefined;
        // Nobody is going to probe it before it is needed: better a server that may be dead than none.
        const rests = suspended.has(virtualServer.name);
        const assumed = server.checkers.length === 0 || !realServer.alpha || rests;
        const up = known ?? (assumed || isServing(virtualServer, realServer));
        ups.set(key, up);
        next.set(key, server);
        if (suspended.has(virtualServer.name)) continue;
        const wasRunning = same && !restedBefore.has(virtualServer.name);
        starts.push(...changedCheckers(wasRunning ? old : undefined, server, up));
      }
    }
    servers = next;
    owners = new Map([...next].flatMap(([key, { checkers }]) => checkers.map((c) => [c.key, key])));
    for (const key of ups.keys()) if (!next.has(key)) ups.delete(key);
    stopUnused(before);
    startAll(starts);
    // A checker that is gone may have been the only one that was DOWN.
    for (const key of next.keys()) judge(key, "configuration");
  }

  function startAll(starts: readonly Start[]): void {
    starts.forEach(({ checker, target, assumeUp }, i) => {
      const { warmupMs } = checker.config;
      const firstDelayMs = warmupMs === null ? spreadMs(i, starts.length) : warmupMs * random();
      const how = { assumeUp, firstDelayMs, chance: random() };
      runner.start(checker.key, target, checker.config, how);
    });
  }

  function suspend(isSuspended: Now["isSuspended"]): ReturnType<Servers["suspend"]> {
    const before = suspended;
    suspended = new Set(virtualServers.filter(isSuspended).map(({ name }) => name));
    const changed = virtualServers.filter(({ name }) => before.has(name) !== suspended.has(name));
    const names = new Set(changed.map(({ name }) => name));
    const starts: Start[] = [];
    for (const [key, server] of servers) {
      if (!names.has(server.virtualServer)) continue;
      if (suspended.has(server.virtualServer))
        for (const each of server.checkers) runner.stop(each.key);
      else starts.push(...changedCheckers(undefined, server, ups.get(key) ?? false));
    }
    startAll(starts);
    return changed.map(({ name }) => ({ name, now: suspended.has(name) }));
  }

  function stopUnused(before: ReadonlyMap<string, Server>): void {
    for (const { checkers } of before.values()) {
      for (const { key } of checkers) if (!owners.has(key) || rests(key)) runner.stop(key);
    }
  }

  /** Of a checker. */
  function rests(key: string): boolean {
    return suspended.has(servers.get(owners.get(key) ?? "")?.virtualServer ?? "");
  }

  function onCheckVerdict(checkerKey: string, _up: boolean, why: Why): void {
    const key = owners.get(checkerKey);
    const checker = servers.get(key ?? "")?.checkers.find((each) => each.key === checkerKey);
    if (key === undefined || checker === undefined) return;
    judge(key, `${checker.config.name}: ${why.cause}${why.detail && ` (${why.detail})`}`);
  }

  function judge(key: string, cause: string): void {
    const server = servers.get(key);
    if (server === undefined || suspended.has(server.virtualServer)) return;
    // No checker: nothing speaks against it.
    const up = server.checkers.every((checker) => runner.state(checker.key)?.up ?? false);
    if (up === ups.get(key)) return;
    ups.set(key, up);
    onVerdict({ virtualServer: server.virtualServer, realServer: server.realServer, up, cause });
  }

  function statusOf({ key, config }: Checker): CheckStatus {
    const state = runner.state(key);
    const last = state?.last ?? null;
    return {
      name: config.name,
      type: config.type,
      state: state?.up ? "UP" : "DOWN",
      last_ok: last?.ok ?? null,
      last_detail: last?.detail ?? null,
      last_took_ms: last?.tookMs ?? null,
      last_at: last === null ? null : wallTimeOf(last.atMs),
    };
  }

  function checkersOf(virtualServer: string, realServer: string): readonly Checker[] {
    return servers.get(serverKey({ virtualServer, realServer }))?.checkers ?? [];
  }

  return {
    configure,
    suspend,
    isUp: (virtualServer, realServer) => ups.get(serverKey({ virtualServer, realServer })) ?? false,
    isUndecided: (virtualServer, realServer) =>
      !suspended.has(virtualServer) &&
      checkersOf(virtualServer, realServer).some(({ key }) => runner.state(key)?.last === null),
    checksOf: (virtualServer, realServer) => checkersOf(virtualServer, realServer).map(statusOf),
    close: runner.close,
  };
}

type Start = { readonly checker: Checker; readonly target: Target; readonly assumeUp: boolean };

function serverOf(virtualServer: VirtualServerConfig, realServer: RealServerConfig): Server {
  const { address, port } = realServer.destination;
  const names = { virtualServer: virtualServer.name, realServer: realServer.name };
  const seen = new Map<string, number>();
  const checkers = realServer.checks.map((config): Checker => {
    const nth = (seen.get(config.name) ?? 0) + 1;
    seen.set(config.name, nth);
    return { key: `${serverKey(names)} ${config.name} ${nth}`, config };
  });
  return { ...names, target: { address, port }, checkers };
}

/** Those to start: new ones and changed ones. The others keep what they know. */
function changedCheckers(old: Server | undefined, next: Server, assumeUp: boolean): Start[] {
  const before = new Map(old?.checkers.map(({ key, config }) => [key, JSON.stringify(config)]));
  return next.checkers
    .filter(({ key, config }) => before.get(key) !== JSON.stringify(config))
    .map((checker) => ({ checker, target: next.target, assumeUp }));
}

function sameTarget(a: Server, b: Server): boolean {
  return a.target.address === b.target.address && a.target.port === b.target.port;
}

function spreadMs(index: number, count: number): number {
  return (index / count) * Math.min(SPREAD_MAX_MS, SPREAD_PER_CHECKER_MS * count);
}

function serverKey(names: Pick<Server, "virtualServer" | "realServer">): string {
  return JSON.stringify([names.virtualServer, names.realServer]);
}
