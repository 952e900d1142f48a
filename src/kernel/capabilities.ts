// What this process may do. capabilities(7), proc(5).

import { readFileSync } from "node:fs";

const CAP_NET_ADMIN = 12n;

/** May it change addresses, routes and the settings of the network? */
export function hasNetAdmin(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return ((BigInt(`0x${effective ?? "0"}`) >> CAP_NET_ADMIN) & 1n) === 1n;
}
