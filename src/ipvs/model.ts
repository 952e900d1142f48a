// The words of the IPVS room, as ip_vs(8), ipvsadm(8) and include/uapi/linux/ip_vs.h use them.

import { hostPort } from "../lib/ip.ts";

export type Protocol = "tcp" | "udp" | "sctp";

export type Forward = "NAT" | "DR" | "TUN";

export const SCHEDULERS = [
  "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos",
] as const; // biome-ignore format: a list of words
export type Scheduler = (typeof SCHEDULERS)[number];

/** What identifies a service in the kernel's table. */
export type ServiceKey =
  | {
      readonly kind: "address";
      readonly protocol: Protocol;
      readonly address: string;
      readonly port: number;
    }
  | { readonly kind: "fwmark"; readonly fwmark: number; readonly family: 4 | 6 };

export type Service = {
  readonly key: ServiceKey;
  readonly scheduler: string;
  /** null = not persistent. */
  readonly persistence: Persistence | null;
  /** None when absent. */
  readonly flags?: readonly ServiceFlag[];
  /** "sip"; none when absent. */
  readonly persistenceEngine?: string;
  readonly destinations: readonly Destination[];
};

/** One-packet scheduling, and what the scheduler makes of its own flags (sh-port, mh-fallback …). */
export type ServiceFlag = "ops" | "flag-1" | "flag-2" | "flag-3";

export type Persistence = {
  readonly timeoutS: number;
  /** How much of the client's address counts: 32 (128) = all of it. */
  readonly prefixLength: number;
  /** An IPv4 mask that is no prefix, "255.0.255.0"; it counts instead of `prefixLength`. */
  readonly mask?: string;
};

export type Destination = {
  readonly address: string;
  readonly port: number;
  readonly forward: Forward;
  /** 0 = no new connections. */
  readonly weight: number;
  /** Connections at which no new ones come, and at which they come again; 0 = no limit. */
  readonly upperThreshold?: number;
  readonly lowerThreshold?: number;
  /** How TUN packs; plain IPIP when absent. */
  readonly tunnel?: Tunnel;
};

export type Tunnel = {
  readonly type: "ipip" | "gue" | "gre";
  /** Of gue. */
  readonly port: number;
  readonly checksum: "none" | "checksum" | "remote-checksum";
};

/** A destination as the kernel counts it. */
export type DestinationCounts = {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
};

/** A bigint from 2^53 on. */
export type Count = number | bigint;

/** What the kernel counts since the service or destination exists or was zeroed, and its estimate of the rates; 2 s late at worst. */
export type Traffic = {
  readonly connections: Count;
  readonly packetsIn: Count;
  readonly packetsOut: Count;
  readonly bytesIn: Count;
  readonly bytesOut: Count;
  readonly connectionsPerS: Count;
  readonly packetsInPerS: Count;
  readonly packetsOutPerS: Count;
  readonly bytesInPerS: Count;
  readonly bytesOutPerS: Count;
};

/** As the kernel's table has them. `traffic` is there when it was asked for. */
export type ListedDestination = Destination &
  DestinationCounts & { readonly persistentConnections: number; readonly traffic?: Traffic };
export type ListedService = Omit<Service, "destinations"> & {
  readonly destinations: readonly ListedDestination[];
  readonly traffic?: Traffic;
};

/** How long the kernel keeps the entry of a silent connection. */
export type Timeouts = {
  readonly tcpS: number;
  readonly tcpFinS: number;
  readonly udpS: number;
};

/** A connection sync daemon; one of each state can run. What is absent is the kernel's default. */
export type SyncDaemon = {
  readonly state: "master" | "backup";
  readonly interface: string;
  readonly syncId: number;
  readonly maxLengthBytes?: number;
  /** Multicast address, IPv4 or IPv6. */
  readonly group?: string;
  readonly port?: number;
  readonly ttl?: number;
};

/** "tcp 10.0.0.1:80", "fwmark 99", "fwmark 99 inet6": unique among services, and readable in a log. */
export function serviceName(key: ServiceKey): string {
  if (key.kind === "fwmark") return `fwmark ${key.fwmark}${key.family === 6 ? " inet6" : ""}`;
  return `${key.protocol} ${hostPort(key.address, key.port)}`;
}
