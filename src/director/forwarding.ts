// Looks whether NAT services can work: their packets pass the director, so it has to forward. duet does not switch IPv6's
// forwarding on, because the kernel then ignores router advertisements, and a director may lose its default route by that.

import { networkInterfaces } from "node:os";
import type { VirtualServerConfig } from "../config/model.ts";
import type { Destination } from "../ipvs/model.ts";
import { readSysctl } from "../kernel/sysctl.ts";
import { canonicalAddress } from "../lib/ip.ts";
import { IP_FORWARD } from "./settings.ts";

export type Forwarding = {
  /** Why NAT cannot work, by the name of the virtual server. */
  readonly problemsOf: (configs: readonly VirtualServerConfig[]) => ReadonlyMap<string, string>;
  /** Somebody needs net.ipv4.ip_forward. */
  readonly isNeeded: (configs: readonly VirtualServerConfig[]) => boolean;
};

const IPV6_FORWARDING = "net/ipv6/conf/all/forwarding";

/** `setsIt`: lvs_ip_forward. `own`: what is on this machine needs no forwarding. */
export function judgeForwarding(
  setsIt: boolean,
  read: (path: string) => string | undefined = readSysctl,
  own: () => ReadonlySet<string> = ownAddresses,
): Forwarding {
  function problemOf(family: 4 | 6): string | null {
    if (family === 4 && !setsIt && read(IP_FORWARD) !== "1") {
      return "NAT needs net.ipv4.ip_forward = 1, which is off and lvs_ip_forward = no: set it by hand";
    }
    if (family === 6 && read(IPV6_FORWARDING) !== "1") {
      return "NAT needs net.ipv6.conf.all.forwarding = 1, which is off: set it by hand (router advertisements are ignored then, unless accept_ra is 2)";
    }
    return null;
  }

  return {
    problemsOf(configs) {
      const problems = new Map<string, string>();
      for (const family of [4, 6] as const) {
        const users = configs.filter((config) => usesNat(config, family));
        const problem = users.length === 0 ? null : problemOf(family);
        if (problem === null) continue;
        const addresses = own();
        for (const config of users) {
          if (usesNat(config, family, addresses)) problems.set(config.name, problem);
        }
      }
      return problems;
    },
    isNeeded(configs) {
      const users = configs.filter((config) => usesNat(config, 4));
      if (users.length === 0) return false;
      const addresses = own();
      return users.some((config) => usesNat(config, 4, addresses));
    },
  };
}

/** To a destination of this family that is not on this machine. */
function usesNat(
  { realServers, sorryServer }: VirtualServerConfig,
  family: 4 | 6,
  own: ReadonlySet<string> = new Set(),
): boolean {
  const isFar = (each: Destination): boolean =>
    each.forward === "NAT" && each.address.includes(":") === (family === 6) && !isNear(each, own);
  return (
    realServers.some(({ destination }) => isFar(destination)) ||
    (sorryServer !== null && isFar(sorryServer))
  );
}

function isNear({ address }: Destination, addresses: ReadonlySet<string>): boolean {
  const canonical = canonicalAddress(address) ?? address;
  return canonical.startsWith("127.") || canonical === "::1" || addresses.has(canonical);
}

function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(all.map(({ address }) => canonicalAddress(address) ?? address));
}
