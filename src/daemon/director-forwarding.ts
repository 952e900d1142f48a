// Whether NAT services can work: their packets pass the director, so that it has to forward. IPv6's forwarding is not
// set by duet: the kernel then ignores router advertisements, and a director may lose its default route by that.

import { networkInterfaces } from "node:os";
import type { VirtualServerConfig } from "../config/model.ts";
import type { Destination } from "../ipvs/model.ts";
import { readSysctl } from "../kernel/sysctl.ts";
import { canonicalAddress } from "../lib/ip.ts";
import { IP_FORWARD } from "./director-settings.ts";

export type Forwarding = {
  /** Why NAT cannot work for this virtual server; null = it can, or it does not use it. */
  readonly problemOf: (config: VirtualServerConfig) => string | null;
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
  function families(config: VirtualServerConfig, addresses: ReadonlySet<string>): Set<4 | 6> {
    const { realServers, sorryServer } = config;
    const destinations = realServers.map(({ destination }) => destination);
    const all = sorryServer === null ? destinations : [...destinations, sorryServer];
    const far = all.filter((each) => each.forward === "NAT" && !isNear(each, addresses));
    return new Set(far.map(({ address }) => (address.includes(":") ? 6 : 4)));
  }

  return {
    problemOf(config) {
      const used = families(config, own());
      if (used.has(4) && !setsIt && read(IP_FORWARD) !== "1") {
        return "NAT needs net.ipv4.ip_forward = 1, which is off and lvs_ip_forward = no: set it by hand";
      }
      if (used.has(6) && read(IPV6_FORWARDING) !== "1") {
        return "NAT needs net.ipv6.conf.all.forwarding = 1, which is off: set it by hand (router advertisements are ignored then, unless accept_ra is 2)";
      }
      return null;
    },
    isNeeded(configs) {
      const addresses = own();
      return configs.some((config) => families(config, addresses).has(4));
    },
  };
}

function isNear({ address }: Destination, addresses: ReadonlySet<string>): boolean {
  const canonical = canonicalAddress(address) ?? address;
  return canonical.startsWith("127.") || canonical === "::1" || addresses.has(canonical);
}

function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(all.map(({ address }) => canonicalAddress(address) ?? address));
}
