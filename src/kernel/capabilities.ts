// What this process may do. capabilities(7), proc(5), linux/capability.h.

import { readFileSync } from "node:fs";

/** Their numbers. */
export const CAPABILITIES = {
  CAP_CHOWN: 0,
  CAP_DAC_OVERRIDE: 1,
  CAP_FOWNER: 3,
  CAP_KILL: 5,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_NICE: 23,
  CAP_SYS_RESOURCE: 24,
} as const;

export type Capability = keyof typeof CAPABILITIES;

/** May it change addresses, routes and the settings of the network? */
export function hasNetAdmin(): boolean {
  return missingCapabilities(["CAP_NET_ADMIN"]).length === 0;
}

/** Those of them that it has not. */
export function missingCapabilities(wanted: readonly Capability[]): readonly Capability[] {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  const has = BigInt(`0x${effective ?? "0"}`);
  return wanted.filter((name) => ((has >> BigInt(CAPABILITIES[name])) & 1n) === 0n);
}
