// The words of the IPVS room, as ip_vs(8), ipvsadm(8) and include/uapi/linux/ip_vs.h use them.

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
  readonly destinations: readonly Destination[];
};

export type Persistence = {
  readonly timeoutS: number;
  /** How much of the client's address counts: 32 (128) = all of it. */
  readonly prefixLength: number;
};

export type Destination = {
  readonly address: string;
  readonly port: number;
  readonly forward: Forward;
  /** 0 = no new connections. */
  readonly weight: number;
};

/** A destination as the kernel counts it. */
export type DestinationCounts = {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
};

/** "tcp 10.0.0.1:80", "fwmark 99", "fwmark 99 inet6": unique among services, and readable in a log. */
export function serviceName(key: ServiceKey): string {
  if (key.kind === "fwmark") return `fwmark ${key.fwmark}${key.family === 6 ? " inet6" : ""}`;
  return `${key.protocol} ${hostPort(key.address, key.port)}`;
}

/** "10.0.0.1:80" or "[2001:db8::1]:80": unique among the destinations of a service. */
export function hostPort(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
