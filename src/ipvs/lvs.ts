// IPVS as a whole: what is configured, and which connection sync daemons that means. Pure.

import type { MarksConfig } from "./marks.ts";
import type { SyncDaemon, Timeouts } from "./model.ts";

export type LvsConfig = {
  readonly sync: SyncConfig | null;
  /** 0 = stays as it is. null = all do. */
  readonly timeouts: Timeouts | null;
  /** Names below net.ipv4.vs. */
  readonly sysctls: readonly { readonly name: string; readonly value: string }[];
  /** net.ipv4.ip_forward is set when NAT needs it; false = NAT is refused without it. */
  readonly ipForward: boolean;
  readonly drift: "repair" | "report";
  /** At the start everything goes that is not configured. */
  readonly flush: boolean;
  /** At a stop everything goes, whoever made it. */
  readonly flushOnStop: boolean;
  /** At a stop nothing goes: what is there is adopted by the next start, as after a crash. */
  readonly keepOnStop: boolean;
  /** The table of the firewall marks. */
  readonly marks: MarksConfig;
};

export const NO_LVS: LvsConfig = {
  sync: null,
  timeouts: null,
  sysctls: [],
  ipForward: true,
  drift: "repair",
  flush: false,
  flushOnStop: false,
  keepOnStop: false,
  marks: { table: "duet_ipvs", priority: null },
};

/** `instance`: the VRRP instance that decides; null = both daemons run. */
export type SyncConfig = Omit<SyncDaemon, "state"> & { readonly instance: string | null };

/** A backup daemon hears what a master daemon of another node tells; both at once are for dual masters. */
export function wantedDaemons(sync: SyncConfig | null, isMaster: boolean): readonly SyncDaemon[] {
  if (sync === null) return [];
  const { instance, ...daemon } = sync;
  const states = instance === null ? BOTH : isMaster ? BOTH.slice(0, 1) : BOTH.slice(1);
  return states.map((state) => ({ state, ...daemon }));
}

const BOTH = ["master", "backup"] as const;

export type DaemonPlan = {
  readonly stop: readonly SyncDaemon[];
  readonly start: readonly SyncDaemon[];
};

/**
 * What makes the kernel run the wanted ones. `asked`: those that duet started, now or before a crash, as it asked for
 * them. Others are left alone unless they are in the way.
 */
export function planDaemons(
  wanted: readonly SyncDaemon[],
  actual: readonly SyncDaemon[],
  asked: readonly SyncDaemon[],
): DaemonPlan {
  const stop = actual.filter((daemon) => {
    const goal = wanted.find(({ state }) => state === daemon.state);
    const ours = asked.find(({ state }) => state === daemon.state);
    if (goal === undefined) return ours !== undefined;
    return !isAsWanted(daemon, goal, ours);
  });
  const runs = (state: SyncDaemon["state"]): boolean =>
    actual.some((daemon) => daemon.state === state && !stop.includes(daemon));
  return { stop, start: wanted.filter(({ state }) => !runs(state)) };
}

/** include/uapi/linux/ip_vs.h and ip_vs_sync.c: what the kernel takes where nothing is said. */
const DEFAULTS = { port: 8848, ttl: 1, group: "224.0.0.81" } as const;

/** The kernel fits the length to the interface: it is only compared with what was asked for. */
function isAsWanted(actual: SyncDaemon, goal: SyncDaemon, asked: SyncDaemon | undefined): boolean {
  const full = { ...DEFAULTS, ...goal };
  const length = asked?.maxLengthBytes ?? actual.maxLengthBytes;
  return (
    actual.interface === full.interface &&
    actual.syncId === full.syncId &&
    (actual.port ?? DEFAULTS.port) === full.port &&
    (actual.ttl ?? DEFAULTS.ttl) === full.ttl &&
    (actual.group ?? DEFAULTS.group) === full.group &&
    (asked === undefined
      ? goal.maxLengthBytes === undefined || goal.maxLengthBytes === length
      : goal.maxLengthBytes === asked.maxLengthBytes)
  );
}
