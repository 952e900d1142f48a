// The one spelling of names that are compared with the kernel's: an IPv6 address has many.

import { canonicalAddress } from "../lib/ip.ts";
import { type Destination, hostPort, type ServiceKey } from "./model.ts";

export function canonicalKey(key: ServiceKey): ServiceKey {
  if (key.kind === "fwmark") return key;
  return { ...key, address: canonicalAddress(key.address) ?? key.address };
}

export function canonicalDestination(destination: Destination): Destination {
  const { address } = destination;
  return { ...destination, address: canonicalAddress(address) ?? address };
}

/** hostPort() of a destination: unique among those of a service. */
export function placeOf(destination: Destination): string {
  return hostPort(canonicalAddress(destination.address) ?? destination.address, destination.port);
}
