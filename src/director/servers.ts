// The real servers: which are UP, since when and why, and with which weight. Which checkers they have is here, what
// their checkers are in checkers.ts, what follows from them in standing.ts. Does not know the kernel's table: who is
// assumed UP before its first probe is told.

import type { State } from "../check/engine.ts";
import type { Target } from "../check/model.ts";
import type { Probe } from "../check/probes/probe.ts";
import type { Why } from "../check/runner.ts";
import type { Sessions } from "../check/sessions.ts";
import type { RealServerConfig, VirtualServerConfig } from "../config/model.ts";
import type { Phase } from "../control/events.ts";
import type { CheckStatus } from "../control/status.ts";
import { type Clock, wallTime } from "../lib/clock.ts";
import { type Checker, openCheckers } from "./checkers.ts";
import type { CheckResult } from "./monitor.ts";
import type { Remembered } from "./outlook.ts";
import {
  type Checked,
  causeText,
  checkStatus,
  explained,
  isUpBy,
  type Known,
  knownOf,
  type Standing,
  serverKey,
  standingIn,
  UNKNOWN,
} from "./standing.ts";

export type Servers = {
  readonly configure: (virtualServers: readonly VirtualServerConfig[], now: Now) => void;
  /** Checks rest and begin again as it says now; what changed. */
  readonly suspend: (
    isSuspended: Now["isSuspended"],
  ) => readonly { readonly name: string; readonly now: boolean }[];
  readonly of: (virtualServer: string, realServer: string) => Known;
  readonly standingOf: (virtualServer: string, realServer: string) => Standing | undefined;
  readonly checksOf: (virtualServer: string, realServer: string) => readonly CheckStatus[];
  readonly sessionsChanged: (names: ReadonlySet<string>) => void;
  readonly remembered: () => Remembered;
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

export type ServerNews = {
  readonly virtualServer: string;
  readonly realServer: string;
  readonly up: boolean;
  readonly cause: string;
  readonly phase: Phase;
};

type Server = {
  readonly virtualServer: string;
  readonly config: RealServerConfig;
  readonly target: Target;
  readonly checkers: readonly Checker[];
  standing: Standing;
};

export function openServers(options: {
  readonly clock: Clock;
  /** Of a real server, on every change; not of what it is assumed to be at first. */
  readonly onVerdict: (verdict: ServerNews) => void;
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
  let virtualServers: readonly VirtualServerConfig[] = [];
  /** Somebody wants to know every result, of thousands of probes a second. */
  let isMonitored = false;
  /** Names of virtual servers whose checkers rest. */
  let suspended: ReadonlySet<string> = new Set();
  /** Keys of the servers that have a checker. */
  let owners: ReadonlyMap<string, readonly string[]> = new Map();
  /** When each checker began, by its key. */
  let begun: ReadonlyMap<string, Phase> = new Map();

  function configure(configs: readonly VirtualServerConfig[], now: Now): void {
    virtualServers = configs;
    isMonitored = configs.some(({ monitorFile }) => monitorFile !== null);
    suspended = new Set(configs.filter(now.isSuspended).map(({ name }) => name));
    servers = new Map(
      configs.flatMap((virtualServer) =>
        virtualServer.realServers.map((config): [string, Server] => {
          const key = serverKey(virtualServer.name, config.name);
          return [key, serverFrom(servers.get(key), virtualServer, config, now)];
        }),
      ),
    );
    owners = ownersOf(servers);
    runChecks(now.phase);
    // A checker that is gone may have been the only one that was DOWN; one that others have already knows.
    for (const server of servers.values()) judge(server, "configuration", now.phase);
  }

  function serverFrom(
    old: Server | undefined,
    virtualServer: VirtualServerConfig,
    config: RealServerConfig,
    { isServing }: Now,
  ): Server {
    const { address, port } = config.destination;
    const target = { address, port };
    const standing = standingIn(old, config, {
      isServing: () => isServing(virtualServer, config),
      rests: suspended.has(virtualServer.name),
      at: wallTime(),
    });
    const own = checkers.of(target, config.checks, standing.up);
    return { virtualServer: virtualServer.name, config, target, checkers: own, standing };
  }

  /** Of all servers but those whose checks rest. */
  function runChecks(phase: Phase): void {
    const active = [...servers.values()].filter((server) => !suspended.has(server.virtualServer));
    checkers.run(
      active.flatMap(({ checkers: own, target, standing }) =>
        own.map((checker) => ({ checker, target, assumeUp: standing.up })),
      ),
    );
    const keys = active.flatMap(({ checkers: own }) => own.map((checker) => checker.key));
    begun = new Map(keys.map((key) => [key, begun.get(key) ?? phase]));
  }

  function suspend(isSuspended: Now["isSuspended"]): ReturnType<Servers["suspend"]> {
    const before = suspended;
    suspended = new Set(virtualServers.filter(isSuspended).map(({ name }) => name));
    const changed = virtualServers.filter(({ name }) => before.has(name) !== suspended.has(name));
    if (changed.length > 0) runChecks("running");
    // Another service may have gone on asking the same.
    const names = new Set(changed.map(({ name }) => name));
    for (const server of servers.values()) {
      if (names.has(server.virtualServer)) judge(server, "its checks go on", "running");
    }
    return changed.map(({ name }) => ({ name, now: suspended.has(name) }));
  }

  /** Those that have this checker, and what it is to them. */
  function* usersOf(checkerKey: string): Generator<readonly [Server, Checker]> {
    for (const key of owners.get(checkerKey) ?? []) {
      const server = servers.get(key);
      const checker = server?.checkers.find((each) => each.key === checkerKey);
      if (server !== undefined && checker !== undefined) yield [server, checker];
    }
  }

  function onCheckVerdict(checkerKey: string, _up: boolean, why: Why): void {
    for (const [server, checker] of usersOf(checkerKey)) {
      judge(server, causeText(checker.config, why), phaseOf(checker));
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
    for (const [{ virtualServer, config: realServer }, checker] of usersOf(checkerKey)) {
      const last = checkers.state(checker)?.last;
      if (last) options.onResult({ virtualServer, realServer, check: checker.config, last });
    }
  }

  function onWeight(): undefined {
    options.onWeight?.();
  }

  function judge(server: Server, cause: string, phase: Phase): void {
    const { virtualServer, config } = server;
    if (suspended.has(virtualServer)) return;
    const up = isUpBy(config, checkedBy(server));
    if (up === server.standing.up) return;
    server.standing = { up, since: wallTime(), cause };
    onVerdict({ virtualServer, realServer: config.name, up, cause, phase });
  }

  function checkedBy({ checkers: own }: Server): readonly Checked[] {
    return own.map((checker) => ({ config: checker.config, state: checkers.state(checker) }));
  }

  function serverOf(virtualServer: string, realServer: string): Server | undefined {
    return servers.get(serverKey(virtualServer, realServer));
  }

  return {
    configure,
    suspend,
    of(virtualServer, realServer) {
      const server = serverOf(virtualServer, realServer);
      if (server === undefined) return UNKNOWN;
      const { config, standing } = server;
      return knownOf(config, standing, checkedBy(server), suspended.has(virtualServer));
    },
    remembered: () => rememberedOf(servers, checkers.state),
    standingOf(virtualServer, realServer) {
      const server = serverOf(virtualServer, realServer);
      return server && explained(server.standing, checkedBy(server));
    },
    checksOf(virtualServer, realServer) {
      const server = serverOf(virtualServer, realServer);
      return server === undefined ? [] : checkedBy(server).map(checkStatus);
    },
    sessionsChanged: checkers.sessionsChanged,
    close: checkers.close,
  };
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

function rememberedOf(
  servers: ReadonlyMap<string, Server>,
  stateOf: (checker: Checker) => State | undefined,
): Remembered {
  const states = new Map<string, State>();
  for (const { checkers } of servers.values()) {
    for (const checker of checkers) {
      const state = stateOf(checker);
      if (state !== undefined) states.set(checker.key, { ...state, earlier: [] });
    }
  }
  return {
    servers: Array.from(servers, ([key, { target, standing }]) => [key, { target, standing }]),
    states: [...states],
  };
}
