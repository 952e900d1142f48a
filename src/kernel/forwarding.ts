// Whether an interface routes IPv6. Documentation/networking/ip-sysctl.rst, conf/*/forwarding.

import { readFileSync } from "node:fs";

/** false also when there is no such interface, or no IPv6. */
export function forwardsIpv6(interfaceName: string): boolean {
  try {
    return readFileSync(`/proc/sys/net/ipv6/conf/${interfaceName}/forwarding`, "utf8")[0] !== "0";
  } catch {
    return false;
  }
}
