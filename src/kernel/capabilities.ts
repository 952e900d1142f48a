// What this process may do. capabilities(7), proc(5), linux/capability.h.

import { readFileSync } from "node:fs";

const NUMBERS = { CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n, CAP_SYS_NICE: 23n } as const;

export type Capability = keyof typeof NUMBERS;

/** May it change addresses, routes and the settings of the network? */
export function hasNetAdmin(): boolean {
  return missingCapabilities(["CAP_NET_ADMIN"]).length === 0;
}

/** Those of them that it has not. */
export function missingCapabilities(wanted: readonly Capability[]): readonly Capability[] {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  const has = BigInt(`0x${effective ?? "0"}`);
  return wanted.filter((name) => ((has >> NUMBERS[name]) & 1n) === 0n);
}
