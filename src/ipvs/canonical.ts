// The one spelling of names that are compared with the kernel's: an IPv6 address has many.

import { addressBytes, canonicalAddress, hostPort, netmaskOf } from "../lib/ip.ts";
import { type Destination, type Persistence, type ServiceKey } from "./model.ts";

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
  const { address, port } = destination;
  return hostPort(address.includes(":") ? (canonicalAddress(address) ?? address) : address, port);
}

/** `mask`: "255.255.255.0", or an IPv6 prefix length, "64". */
export function persistenceOf(timeoutS: number, mask: string): Persistence {
  if (!mask.includes(".")) return { timeoutS, prefixLength: Number(mask) };
  const bits = addressBytes(mask).readUInt32BE();
  const prefixLength = Math.clz32(~bits);
  return { timeoutS, prefixLength, ...(netmaskOf(prefixLength) !== bits && { mask }) };
}
