// The real servers: which are UP, since when and why, and with which weight. Which checkers they have is here, what
// their checkers are in checkers.ts. Does not know the kernel's table: who is assumed UP before its first
// probe is told.

import type { Target } from "../check/model.ts";
import type { Probe } from "../check/probes/index.ts";
import type { Why } from "../check/runner.ts";
import type { Sessions } from "../check/sessions.ts";
import type { RealServerConfig, VirtualServerConfig } from "../config/model.ts";
import type { Phase } from "../control/events.ts";
import type { CheckStatus } from "../control/status.ts";
import { type Clock, wallTime } from "../lib/clock.ts";
import { checkStatus } from "./check-status.ts";
import { type Checker, openCheckers } from "./checkers.ts";
import type { CheckResult } from "./monitor.ts";
import { saidWeight } from "./weights.ts";

export type Servers = {
  readonly configure: (virtualServers: readonly VirtualServerConfig[], now: Now) => void;
  /** Checks rest and begin again as it says now; what changed. */
  readonly suspend: (
    isSuspended: Now["isSuspended"],
  ) => readonly { readonly name: string; readonly now: boolean }[];
  readonly isUp: (virtualServer: string, realServer: string) => boolean;
  /** As its checks say; undefined = they say nothing of it. */
  readonly weightOf: (virtualServer: string, realServer: string) => number | undefined;
  /** The first probe of a checker has not ended yet. */
  readonly isUndecided: (virtualServer: string, realServer: string) => boolean;
  /** DOWN, and its first results may still bring it UP. */
  readonly isPending: (virtualServer: string, realServer: string) => boolean;
  readonly verdictOf: (virtualServer: string, realServer: string) => Standing | undefined;
  readonly checksOf: (virtualServer: string, realServer: string) => readonly CheckStatus[];
  readonly sessionsChanged: (names: ReadonlySet<string>) => void;
  readonly close: () => void;
};

type Now = {
  /** Of what changes at once, and of the first verdicts of checkers that begin now. */
  readonly phase: Phase;
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
  readonly phase: Phase;
};

/** `since` is ISO 8601. */
export type Standing = { readonly up: boolean; readonly since: string; readonly cause: string };

type Server = {
  readonly virtualServer: string;
  readonly config: RealServerConfig;
  readonly target: Target;
  readonly checkers: readonly Checker[];
};

export function openServers(options: {
  readonly clock: Clock;
  /** Of a real server, on every change; not of what it is assumed to be at first. */
  readonly onVerdict: (verdict: Verdict) => void;
  readonly onResult?: (result: CheckResult) => void;
  /** The weight that its checks say is another one. */
  readonly onWeight?: () => void;
  readonly onPause?: (pauseMs: number) => void;
  readonly probe?: Probe;
  readonly sessions?: Sessions;
  /** 0 to 1. */
  readonly random?: () => number;
}): Servers {
  const { onVerdict } = options;
  const checkers = openCheckers({ ...options, onVerdict: onCheckVerdict, onResult, onWeight });
  let servers: ReadonlyMap<string, Server> = new Map();
  /** Verdicts, by key of `servers`. */
  const standings = new Map<string, Standing>();
  let virtualServers: readonly VirtualServerConfig[] = [];
  /** Somebody wants to know every result, of thousands of probes a second. */
  let isMonitored = false;
  /** Names of virtual servers whose checkers rest. */
  let suspended: ReadonlySet<string> = new Set();
  /** Keys of the servers that have a checker. */
  let owners: ReadonlyMap<string, readonly string[]> = new Map();
  /** When each checker began, by its key. */
  let begun: ReadonlyMap<string, Phase> = new Map();

  function configure(
    configs: readonly VirtualServerConfig[],
    { phase, isServing, isSuspended }: Now,
  ): void {
    virtualServers = configs;
    isMonitored = configs.some(({ monitorFile }) => monitorFile !== null);
    suspended = new Set(configs.filter(isSuspended).map(({ name }) => name));
    const before = servers;
    const next = new Map<string, Server>();
    for (const virtualServer of virtualServers) {
      for (const config of virtualServer.realServers) {
        const { address, port } = config.destination;
        const target = { address, port };
        const key = serverKey(virtualServer.name, config.name);
        const old = before.get(key);
        // Another address is another server: what was known of the old one says nothing about it.
        const known =
          old !== undefined && sameTarget(old.target, target) ? standings.get(key) : undefined;
        // Nobody is going to probe it before it is needed: better a server that may be dead than none.
        const rests = suspended.has(virtualServer.name);
        const assumed = config.checks.length === 0 || !config.alpha || rests;
        const standing = known ?? newStanding(config, assumed || isServing(virtualServer, config));
        standings.set(key, standing);
        next.set(key, {
          virtualServer: virtualServer.name,
          config,
          target,
          checkers: checkers.of(target, config.checks, standing.up),
        });
      }
    }
    servers = next;
    owners = ownersOf(next);
    for (const key of standings.keys()) if (!next.has(key)) standings.delete(key);
    runChecks(phase);
    // A checker that is gone may have been the only one that was DOWN; one that others have already knows.
    for (const key of next.keys()) judge(key, "configuration", phase);
  }

  /** Of all servers but those whose checks rest. */
  function runChecks(phase: Phase): void {
    const active = [...servers].filter(([, { virtualServer }]) => !suspended.has(virtualServer));
    checkers.run(
      active.flatMap(([key, server]) =>
        server.checkers.map((checker) => ({
          checker,
          target: server.target,
          assumeUp: standings.get(key)?.up ?? false,
        })),
      ),
    );
    const keys = active.flatMap(([, { checkers: own }]) => own.map((checker) => checker.key));
    begun = new Map(keys.map((key) => [key, begun.get(key) ?? phase]));
  }

  function suspend(isSuspended: Now["isSuspended"]): ReturnType<Servers["suspend"]> {
    const before = suspended;
    suspended = new Set(virtualServers.filter(isSuspended).map(({ name }) => name));
    const changed = virtualServers.filter(({ name }) => before.has(name) !== suspended.has(name));
    if (changed.length > 0) runChecks("running");
    // Another service may have gone on asking the same.
    const names = new Set(changed.map(({ name }) => name));
    for (const [key, { virtualServer }] of servers) {
      if (names.has(virtualServer)) judge(key, "its checks go on", "running");
    }
    return changed.map(({ name }) => ({ name, now: suspended.has(name) }));
  }

  function onCheckVerdict(checkerKey: string, _up: boolean, why: Why): void {
    for (const key of owners.get(checkerKey) ?? []) {
      const checker = servers.get(key)?.checkers.find((each) => each.key === checkerKey);
      if (checker !== undefined) judge(key, causeText(checker, why), phaseOf(checker));
    }
  }

  /** What its first results in a row make of a checker is what it found, not what came later. */
  function phaseOf(checker: Checker): Phase {
    const { rise, retry } = checker.config;
    const state = checkers.state(checker);
    const isFirst = state !== undefined && state.serial <= (state.up ? rise : 1 + retry);
    return isFirst ? (begun.get(checker.key) ?? "running") : "running";
  }

  function onResult(checkerKey: string): undefined {
    if (options.onResult === undefined || !isMonitored) return;
    for (const key of owners.get(checkerKey) ?? []) {
      const server = servers.get(key);
      const checker = server?.checkers.find((each) => each.key === checkerKey);
      const last = checker && checkers.state(checker)?.last;
      if (server === undefined || !checker || !last) continue;
      const { virtualServer, config: realServer } = server;
      options.onResult({ virtualServer, realServer, check: checker.config, last });
    }
  }

  function onWeight(): undefined {
    options.onWeight?.();
  }

  function judge(key: string, cause: string, phase: Phase): void {
    const server = servers.get(key);
    if (server === undefined || suspended.has(server.virtualServer)) return;
    const passing = server.checkers.filter((checker) => checkers.state(checker)?.up ?? false);
    // No checker: nothing speaks against it.
    const up = passing.length >= Math.min(neededOf(server.config), server.checkers.length);
    if (up === standings.get(key)?.up) return;
    standings.set(key, { up, since: wallTime(), cause });
    const { virtualServer, config } = server;
    onVerdict({ virtualServer, realServer: config.name, up, cause, phase });
  }

  function serverOf(virtualServer: string, realServer: string): Server | undefined {
    return servers.get(serverKey(virtualServer, realServer));
  }

  return {
    configure,
    suspend,
    isUp: (virtualServer, realServer) =>
      standings.get(serverKey(virtualServer, realServer))?.up ?? false,
    weightOf(virtualServer, realServer) {
      const server = serverOf(virtualServer, realServer);
      if (server === undefined) return undefined;
      const said = server.checkers.map((checker) => checkers.state(checker)?.weight ?? null);
      return saidWeight(said, server.config);
    },
    isUndecided: (virtualServer, realServer) =>
      !suspended.has(virtualServer) &&
      (serverOf(virtualServer, realServer)?.checkers ?? []).some(
        (checker) => checkers.state(checker)?.last === null,
      ),
    isPending(virtualServer, realServer) {
      const key = serverKey(virtualServer, realServer);
      if (suspended.has(virtualServer) || standings.get(key)?.up !== false) return false;
      const states = servers.get(key)?.checkers.map((checker) => checkers.state(checker)) ?? [];
      return states.some((state) => state?.last === null || (state?.last.ok && !state.up));
    },
    verdictOf(virtualServer, realServer) {
      const standing = standings.get(serverKey(virtualServer, realServer));
      if (standing?.cause !== NONE_SUCCEEDED) return standing;
      const failed = serverOf(virtualServer, realServer)?.checkers.find(
        (checker) => checkers.state(checker)?.last?.ok === false,
      );
      const last = failed && checkers.state(failed)?.last;
      return failed && last ? { ...standing, cause: causeText(failed, last) } : standing;
    },
    checksOf: (virtualServer, realServer) =>
      (serverOf(virtualServer, realServer)?.checkers ?? []).map((checker) =>
        checkStatus(checker.config, checkers.state(checker)),
      ),
    sessionsChanged: checkers.sessionsChanged,
    close: checkers.close,
  };
}

const NONE_SUCCEEDED = "no check has succeeded yet";

function causeText({ config }: Checker, { cause, detail }: Why): string {
  return `${config.name}: ${cause}${detail && ` (${detail})`}`;
}

function newStanding({ checks, alpha }: RealServerConfig, up: boolean): Standing {
  const cause =
    checks.length === 0
      ? "it has no checks"
      : up && alpha
        ? "it serves already, until a check fails"
        : up
          ? "no check has failed yet"
          : NONE_SUCCEEDED;
  return { up, since: wallTime(), cause };
}

/** How many of its checks have to be UP. */
function neededOf({ checks, checkQuorum }: RealServerConfig): number {
  return checkQuorum ?? checks.length;
}

function ownersOf(servers: ReadonlyMap<string, Server>): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>();
  for (const [key, { checkers }] of servers) {
    for (const checker of checkers) {
      const known = owners.get(checker.key);
      if (known === undefined) owners.set(checker.key, [key]);
      else if (known.at(-1) !== key) known.push(key);
    }
  }
  return owners;
}

function sameTarget(a: Target, b: Target): boolean {
  return a.address === b.address && a.port === b.port;
}

export function serverKey(virtualServer: string, realServer: string): string {
  return JSON.stringify([virtualServer, realServer]);
}
