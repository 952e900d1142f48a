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
  /** Puts right what somebody changed, tries again what failed. */
  readonly look: () => void;
  readonly status: () => LvsStatus;
  /** What is not as configured, and why. */
  readonly errors: () => ReadonlyMap<string, string>;
  /** Back to what was there before. */
  readonly restore: () => void;
};

export const IP_FORWARD = "net/ipv4/ip_forward";
const RETRY_FIRST_MS = 1000;
const RETRY_MAX_MS = 60_000;

export function openLvsSettings(options: {
  readonly kernel: KernelAccess<DirectorIpvs>;
  readonly sysctls: NeededSysctls;
  readonly kept: Kept;
  readonly clock: Clock;
  readonly log: Log;
}): LvsSettings {
  const { kernel, sysctls, kept, clock, log } = options;
  const states = new Map<string, string>();
  let lvs: LvsConfig | undefined;
  let forwarding = {};
  let settings = {};
  let forwards = false;
  /** By what it is about. */
  const errors = new Map<string, string>();
  let running: readonly SyncDaemon[] = [];
  let retryAtMs = 0;
  let pauseMs = RETRY_FIRST_MS;

  /** Until somebody says what the instance is, what the run before asked for goes on. */
  function isMaster(): boolean {
    const state = states.get(lvs?.sync?.instance ?? "");
    if (state !== undefined) return state === "MASTER";
    return kept.read().daemons.some((daemon) => daemon.state === "master");
  }

  function all(): void {
    if (lvs === undefined) return;
    const before = new Map(errors);
    errors.clear();
    const { timeouts } = lvs;
    // The settings of net.ipv4.vs come with the module, which the first question loads.
    const work = (ipvs: DirectorIpvs): void => {
      keepTimeouts(ipvs, timeouts);
      keepDaemons(ipvs);
    };
    if (!isIdle() && !kernel.attempt(work)) errors.set("ip_vs", kernel.trouble() ?? "");
    keepSysctls();
    tellErrors(before);
    pauseMs = errors.size === 0 ? RETRY_FIRST_MS : Math.min(2 * pauseMs, RETRY_MAX_MS);
    retryAtMs = clock.nowMs() + (errors.size === 0 ? RETRY_FIRST_MS : pauseMs / 2);
  }

  function tellErrors(before: ReadonlyMap<string, string>): void {
    for (const [what, error] of errors) {
      if (before.get(what) !== error) log.error({ what, error }, "IPVS setting not as configured");
    }
    for (const what of before.keys()) {
      if (!errors.has(what)) log.info({ what }, "IPVS setting as configured again");
    }
  }

  /** Nothing is asked of a kernel of which nothing is wanted. */
  function isIdle(): boolean {
    const { daemons, timeouts } = kept.read();
    const wants = lvs !== undefined && (lvs.sync !== null || lvs.timeouts !== null);
    return !wants && daemons.length === 0 && timeouts === null && errors.size === 0;
  }

  function keepTimeouts(
    { settings: kernelSettings }: DirectorIpvs,
    wanted: LvsConfig["timeouts"],
  ): void {
    const { timeouts: before } = kept.read();
    if (wanted === null && before === null) return;
    guarded("lvs_timeouts", () => {
      const now = kernelSettings.timeouts();
      if (wanted === null) {
        if (before !== null) kernelSettings.setTimeouts(before);
        kept.write({ timeouts: null });
        return;
      }
      if (before === null) kept.write({ timeouts: now });
      const keys = ["tcpS", "tcpFinS", "udpS"] as const;
      const differing = keys.filter((key) => wanted[key] !== 0 && wanted[key] !== now[key]);
      if (differing.length === 0) return;
      kernelSettings.setTimeouts(wanted);
      log.info({ from: now, to: kernelSettings.timeouts() }, "IPVS timeouts set");
    });
  }

  function keepDaemons({ settings: kernelSettings, list }: DirectorIpvs): void {
    const { daemons: asked } = kept.read();
    const wanted = wantedDaemons(lvs?.sync ?? null, isMaster());
    if (wanted.length === 0 && asked.length === 0) {
      running = [];
      return;
    }
    const actual = kernelSettings.daemons();
    const { stop, start } = planDaemons(wanted, actual, asked);
    for (const daemon of stop) {
      guarded("lvs_sync_daemon", () => {
        kernelSettings.stopDaemon(daemon);
        log.info({ daemon }, "connection sync daemon stopped");
      });
    }
    // On disk before it is in the kernel: a crash in between leaves none that nobody knows.
    kept.write({ daemons: wanted });
    for (const daemon of start) {
      guarded("lvs_sync_daemon", () => {
        try {
          kernelSettings.startDaemon(daemon);
        } catch (error) {
          throw new Error(daemonErrorText(daemon, error, list()));
        }
        log.info({ daemon }, "connection sync daemon started");
      });
    }
    running = stop.length + start.length > 0 ? kernelSettings.daemons() : actual;
  }

  function guarded(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      errors.set(what, errorOf(error));
    }
  }

  function keepSysctls(): void {
    // What is not needed any more goes back first, but nothing that stays does so in between.
    const before = settings;
    settings = {};
    for (const { name, value } of lvs?.sysctls ?? []) {
      const error = sysctls.need(settings, `net/ipv4/vs/${name}`, value);
      if (error !== null) errors.set(`lvs_sysctl ${name}`, error);
    }
    sysctls.release(before);
    const forwardedBefore = forwarding;
    forwarding = {};
    if (forwards && lvs?.ipForward === true) {
      const error = sysctls.need(forwarding, IP_FORWARD, "1");
      if (error !== null) errors.set("net.ipv4.ip_forward", error);
    }
    sysctls.release(forwardedBefore);
  }

  return {
    configure(next, needsForwarding) {
      lvs = next;
      forwards = needsForwarding;
      pauseMs = RETRY_FIRST_MS;
      all();
    },
    instanceIs(name, state) {
      if (states.get(name) === state) return;
      states.clear();
      states.set(name, state);
      if (lvs?.sync?.instance === name) all();
    },
    look() {
      if (lvs === undefined || isIdle() || clock.nowMs() < retryAtMs) return;
      all();
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
      errors: Array.from(errors, ([what, error]) => `${what}: ${error}`),
    }),
    errors: () => errors,
    restore() {
      lvs = NO_LVS;
      forwards = false;
      if (isIdle()) keepSysctls();
      else all();
    },
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
