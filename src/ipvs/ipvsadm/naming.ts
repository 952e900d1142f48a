// How services and real servers are called in lists and in lines to restore.

import { isIPv4 } from "node:net";
import type { Destination, Persistence, Protocol, Service, ServiceKey } from "../model.ts";
import type { Names } from "./values.ts";

const ENDPOINT_CHARACTERS = 59;

/** null = numbers. */
export type Naming = Pick<Names, "hostOf" | "serviceOf"> | null;

/** "10.0.0.1:80", "[2001:db8::1]:https"; without a protocol (of a firewall mark) the port stays a number. */
export function endpointText(
  { address, port }: { readonly address: string; readonly port: number },
  protocol: Protocol | undefined,
  naming: Naming,
): string {
  const host = naming?.hostOf(address) ?? address;
  const service = protocol && naming?.serviceOf(port, protocol);
  const place = isIPv4(address) ? host : `[${host}]`;
  return `${place}:${service ?? port}`.slice(0, ENDPOINT_CHARACTERS);
}

export function protocolOf(key: ServiceKey): Protocol | undefined {
  return key.kind === "address" ? key.protocol : undefined;
}

const SELECTORS = { tcp: "-t", udp: "-u", sctp: "--sctp-service" } as const;

/** "-t 10.0.0.1:80", "-f 7 -6". */
export function selectorText(key: ServiceKey, naming: Naming): string {
  if (key.kind === "fwmark") return `-f ${key.fwmark}${key.family === 6 ? " -6" : ""}`;
  return `${SELECTORS[key.protocol]} ${endpointText(key, key.protocol, naming)}`;
}

/** "sh-fallback,sh-port": flags by what the scheduler makes of them; null when none is set. */
export function schedulerFlagsText({
  scheduler,
  flags = [],
}: Pick<Service, "scheduler" | "flags">): string | null {
  const set = flags.filter((flag) => flag !== "ops");
  if (set.length === 0) return null;
  if (scheduler !== "sh" && scheduler !== "mh") return [...set].sort().join(",");
  // The third flag means nothing to them, and a list does not say it.
  return [
    ...(set.includes("flag-1") ? [`${scheduler}-fallback`] : []),
    ...(set.includes("flag-2") ? [`${scheduler}-port`] : []),
  ].join(",");
}

/** What of the client's address counts, unless it is all of it. */
export function maskText(persistence: Persistence, key: ServiceKey): string | null {
  const { prefixLength, mask } = persistence;
  if (isInet6(key)) return prefixLength === 128 ? null : String(prefixLength);
  if (mask !== undefined) return mask;
  if (prefixLength === 32) return null;
  const bits = prefixLength === 0 ? 0 : (-1 << (32 - prefixLength)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join(".");
}

export function isInet6(key: ServiceKey): boolean {
  return key.kind === "fwmark" ? key.family === 6 : !isIPv4(key.address);
}

const CHECKSUM_WORDS = { none: "-c", checksum: "+c", "remote-checksum": "r+c" } as const;

/** "ipip", "gue:6080:-c", "gre:+c"; "n/a" when it is not tunnelled to. */
export function tunnelText({ forward, tunnel }: Destination): string {
  if (forward !== "TUN") return "n/a";
  if (tunnel === undefined || tunnel.type === "ipip") return "ipip";
  const port = tunnel.type === "gue" ? `:${tunnel.port}` : "";
  return `${tunnel.type}${port}:${CHECKSUM_WORDS[tunnel.checksum]}`;
}
