// The real server's side of IPVS: what it is asked to be, what the machine is like, and what was changed to get there.

import type { DefaultRoute } from "../kernel/default-routes.ts";
import type { Interface } from "../kernel/interfaces.ts";
import { type Family, familyOf } from "../lib/ip.ts";

export const MODES = ["dr", "tun", "nat"] as const;
export type Mode = (typeof MODES)[number];

export type Role = {
  /** Canonical addresses. */
  readonly vips: readonly string[];
  /** The director's own address: the gateway of a real server behind NAT, null for the others. */
  readonly via: string | null;
};

/** A machine can be one of each. */
export type Wanted = Readonly<Partial<Record<Mode, Role>>>;

export type Change =
  /** `path` below /proc/sys, as kernel/sysctl.ts writes it. */
  | {
      readonly kind: "sysctl";
      readonly path: string;
      readonly value: string;
      readonly before: string;
    }
  | { readonly kind: "up"; readonly device: string }
  | { readonly kind: "address"; readonly device: string; readonly address: string }
  /** The default route by the director, marked as ours. */
  | { readonly kind: "gateway"; readonly via: string }
  /** A default route that was there, and would be taken before the director's. */
  | {
      readonly kind: "away";
      readonly family: Family;
      readonly via: string | null;
      readonly body: string;
    };

/** What was asked for, and every change that was made or begun for it, in order. */
export type Memory = { readonly wanted: Wanted; readonly changes: readonly Change[] };

export const NO_MEMORY: Memory = { wanted: {}, changes: [] };

export type HeldAddress = {
  readonly device: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly isOurs: boolean;
};

/** The machine as it is. */
export type Actual = {
  readonly interfaces: readonly Interface[];
  readonly addresses: readonly HeldAddress[];
  /** Those that SETTINGS names, of every interface, "all" and "default". */
  readonly settings: ReadonlyMap<string, string>;
  /** Of each family the one that is used first. */
  readonly defaults: readonly (DefaultRoute & { readonly isOurs: boolean })[];
};

export const SETTINGS = ["arp_ignore", "arp_announce", "rp_filter"] as const;
export type Setting = (typeof SETTINGS)[number];

/** A tunnel's device is there when its module is. */
export const TUNNELS = { tunl0: "ipip", ip6tnl0: "ip6_tunnel" } as const;
export type Tunnel = keyof typeof TUNNELS;

export function settingPath(device: string, setting: Setting): string {
  return `net/ipv4/conf/${device}/${setting}`;
}

/** What the kernel goes by: the greater one of the interface's value and that of "all". undefined = no such interface. */
export function effective(actual: Actual, device: string, setting: Setting): number | undefined {
  const own = actual.settings.get(settingPath(device, setting));
  if (own === undefined) return undefined;
  return Math.max(Number(own), Number(actual.settings.get(settingPath("all", setting)) ?? 0));
}

export function prefixLengthOf(address: string): number {
  return familyOf(address) === 6 ? 128 : 32;
}

export function tunnelOf(vip: string): Tunnel {
  return familyOf(vip) === 6 ? "ip6tnl0" : "tunl0";
}

/** Where a mode holds its virtual addresses. */
export function deviceOf(mode: "dr" | "tun", vip: string): string {
  return mode === "dr" ? "lo" : tunnelOf(vip);
}

export function tunnelsOf(wanted: Wanted): readonly Tunnel[] {
  return [...new Set(wanted.tun?.vips.map(tunnelOf))];
}

/** IPv4 takes the least metric; 0 means 1024 to IPv6, whose least is 1. */
export function gatewayMetric(family: Family): number {
  return family === 4 ? 0 : 1;
}

/** Two changes of the same thing have the same key. */
export function keyOf(change: Change): string {
  switch (change.kind) {
    case "sysctl":
      return `sysctl ${change.path}`;
    case "up":
      return `up ${change.device}`;
    case "address":
      return `address ${change.device} ${change.address}`;
    case "gateway":
      return `gateway ${change.via}`;
    case "away":
      return `away ${change.body}`;
  }
}

/** What is wrong with a machine as a real server. */
export type Problem = {
  /** A warning may be meant so. */
  readonly severity: "error" | "warning";
  readonly code: string;
  /** One sentence: what is. */
  readonly is: string;
  readonly should: string;
  /** A command line, where one repairs it. */
  readonly repair: string;
};
