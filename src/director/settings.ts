// IPVS as a whole: connection sync daemons, timeouts, settings of net.ipv4.vs, forwarding for NAT. What was there before
// is put back at a stop, and after a crash by the next start.

import type { LvsStatus } from "../control/status.ts";
import type { Ipvs, WholeIpvs } from "../ipvs/apply.ts";
import { type LvsConfig, NO_LVS, planDaemons, wantedDaemons } from "../ipvs/lvs.ts";
import type { SyncDaemon } from "../ipvs/model.ts";
import { isKernelError } from "../kernel/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import { hostPort } from "../lib/ip.ts";
import type { Log } from "../lib/log.ts";
import { type Found, openKeeper, type Words } from "./keeper.ts";
import type { Kept } from "./kept.ts";
import type { KernelAccess } from "./kernel.ts";

/** Settings that are changed while somebody needs them: see daemon/process/sysctls.ts. */
export type NeededSysctls = {
  /** Why it could not be had; null when it is so. */
  readonly need: (user: object, path: string, value: string) => string | null;
  readonly release: (user: object) => void;
};

/** What the director needs of ip_vs. */
export type DirectorIpvs = Ipvs & Pick<WholeIpvs, "settings">;

export type LvsSettings = {
  /** `forwards`: a NAT service needs net.ipv4.ip_forward. */
  readonly configure: (lvs: LvsConfig, forwards: boolean) => void;
  /** What the VRRP instance that decides about connection sync became. */
  readonly instanceIs: (name: string, state: string) => void;
  readonly status: () => LvsStatus;
  /** What is not as configured, and why. */
  readonly errors: () => ReadonlyMap<string, string>;
  /** Back to what was there before; what could not be. */
  readonly restore: () => readonly string[];
  /** Looks no more; all stays as it is. */
  readonly close: () => void;
};

export const IP_FORWARD = "net/ipv4/ip_forward";

const WORDS: Words = {
  drift: "IPVS settings",
  refused: "IPVS setting not as configured",
  again: "IPVS setting as configured again",
  fields: (what) => ({ what }),
};

export function openLvsSettings(options: {
  readonly kernel: KernelAccess<DirectorIpvs>;
  readonly sysctls: NeededSysctls;
  readonly kept: Kept;
  readonly clock: Clock;
  readonly log: Log;
}): LvsSettings {
  const { kernel, sysctls, kept, clock, log } = options;
  let instance = { name: "", state: "" };
  let lvs: LvsConfig = NO_LVS;
  let forwards = false;
  let users = { settings: {}, forwarding: {} };
  let running: readonly SyncDaemon[] = [];
  /** Of this round, by what they are about. */
  let errors = new Map<string, string>();
  const keeper = openKeeper({ clock, log, words: WORDS, work });

  /** All of it, or nothing while what was refused waits. */
  function work(isLook: boolean): Found {
    const refused = [...keeper.errors().keys()];
    const isDue = refused.length === 0 || refused.some((what) => keeper.mayTry(what));
    if (isLook && (isIdle() || !isDue)) return { isTried: () => false, refused: new Map() };
    errors = new Map();
    // The settings of net.ipv4.vs come with the module, which the first question loads.
    const ask = (ipvs: DirectorIpvs): void => {
      keepTimeouts(ipvs);
      keepDaemons(ipvs);
    };
    if (!isIdle() && !kernel.attempt(ask)) errors.set("ip_vs", kernel.trouble() ?? "");
    keepSysctls();
    const found = Array.from(errors, ([what, error]) => [what, { error, wish: "" }] as const);
    return { isTried: () => true, refused: new Map(found) };
  }

  /** Nothing is asked of a kernel of which nothing is wanted. */
  function isIdle(): boolean {
    const { daemons, timeouts } = kept.read();
    const isWanted = lvs.sync !== null || lvs.timeouts !== null;
    return !isWanted && daemons.length === 0 && timeouts === null && keeper.errors().size === 0;
  }

  function keepTimeouts({ settings }: DirectorIpvs): void {
    const { timeouts: wanted } = lvs;
    const { timeouts: before } = kept.read();
    if (wanted === null && before === null) return;
    guarded("lvs_timeouts", () => {
      const now = settings.timeouts();
      if (wanted === null) {
        if (before !== null) settings.setTimeouts(before);
        kept.write({ timeouts: null });
        return;
      }
      if (before === null) kept.write({ timeouts: now });
      const keys = ["tcpS", "tcpFinS", "udpS"] as const;
      const differing = keys.filter((key) => wanted[key] !== 0 && wanted[key] !== now[key]);
      if (differing.length === 0) return;
      settings.setTimeouts(wanted);
      log.info({ from: now, to: settings.timeouts() }, "IPVS timeouts set");
    });
  }

  /** Until somebody says what the instance is, what the run before asked for goes on. */
  function isMaster(): boolean {
    if (instance.name === lvs.sync?.instance) return instance.state === "MASTER";
    return kept.read().daemons.some(({ state }) => state === "master");
  }

  function keepDaemons({ settings, list }: DirectorIpvs): void {
    const { daemons: asked } = kept.read();
    const wanted = wantedDaemons(lvs.sync, isMaster());
    if (wanted.length === 0 && asked.length === 0) {
      running = [];
      return;
    }
    const actual = settings.daemons();
    const { stop, start } = planDaemons(wanted, actual, asked);
    for (const daemon of stop) {
      guarded("lvs_sync_daemon", () => {
        settings.stopDaemon(daemon);
        log.info({ daemon }, "connection sync daemon stopped");
      });
    }
    // On disk before it is in the kernel: a crash in between leaves none that nobody knows.
    kept.write({ daemons: wanted });
    for (const daemon of start) {
      guarded("lvs_sync_daemon", () => {
        try {
          settings.startDaemon(daemon);
        } catch (error) {
          throw new Error(daemonErrorText(daemon, error, list()));
        }
        log.info({ daemon }, "connection sync daemon started");
      });
    }
    running = stop.length + start.length > 0 ? settings.daemons() : actual;
  }

  function guarded(what: string, change: () => void): void {
    try {
      change();
    } catch (error) {
      errors.set(what, errorOf(error));
    }
  }

  /** Settings that are not needed any more go back at the end, so that none that stays goes back in between. */
  function keepSysctls(): void {
    const before = users;
    users = { settings: {}, forwarding: {} };
    const need = (user: object, what: string, path: string, value: string): void => {
      const error = sysctls.need(user, path, value);
      if (error !== null) errors.set(what, error);
    };
    for (const { name, value } of lvs.sysctls) {
      need(users.settings, `lvs_sysctl ${name}`, `net/ipv4/vs/${name}`, value);
    }
    if (forwards && lvs.ipForward) need(users.forwarding, "net.ipv4.ip_forward", IP_FORWARD, "1");
    sysctls.release(before.settings);
    sysctls.release(before.forwarding);
  }

  const errorTexts = (): string[] =>
    Array.from(keeper.errors(), ([what, error]) => `${what}: ${error}`);

  return {
    configure(next, needsForwarding) {
      lvs = next;
      forwards = needsForwarding;
      keeper.want({ afresh: true });
    },
    instanceIs(name, state) {
      if (instance.name === name && instance.state === state) return;
      instance = { name, state };
      if (lvs.sync?.instance === name) keeper.want({ afresh: true });
    },
    status: () => ({
      sync_daemons: running.map((daemon) => ({
        state: daemon.state,
        interface: daemon.interface,
        sync_id: daemon.syncId,
        group: hostPort(daemon.group ?? "224.0.0.81", daemon.port ?? 8848),
        max_length_bytes: daemon.maxLengthBytes ?? null,
        ttl: daemon.ttl ?? null,
      })),
      errors: errorTexts(),
    }),
    errors: keeper.errors,
    restore() {
      lvs = NO_LVS;
      forwards = false;
      keeper.want({ afresh: true });
      const left = errorTexts();
      keeper.rest();
      return left;
    },
    close: keeper.rest,
  };
}

function errorOf(error: unknown): string {
  return isKernelError(error, "EPERM")
    ? "not permitted (CAP_NET_ADMIN is needed)"
    : errorText(error);
}

/** ip_vs_sync.c and ip_vs_ctl.c explain nothing. */
function daemonErrorText(
  { state, interface: device, group }: SyncDaemon,
  error: unknown,
  services: ReturnType<Ipvs["list"]>,
): string {
  const cannot = `Cannot start the ${state} daemon on ${device}`;
  if (isKernelError(error, "ENODEV")) return `${cannot}: there is no such interface, or it is down`;
  if (isKernelError(error, "EADDRNOTAVAIL"))
    return `${cannot}: it has no address of the group's family`;
  if (!isKernelError(error, "EINVAL")) return `${cannot}: ${errorOf(error)}`;
  const mixed = services.flatMap(({ key, destinations }) => {
    const inet6 = key.kind === "fwmark" ? key.family === 6 : key.address.includes(":");
    return destinations.filter(({ address }) => address.includes(":") !== inet6);
  })[0];
  return mixed === undefined
    ? `${cannot}: the kernel refuses it (the interface knows no multicast, or ${group ?? "the group"} is not for it)`
    : `${cannot}: the kernel refuses connection sync while ${mixed.address} serves a service of the other address family`;
}
