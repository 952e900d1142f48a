// The values of options: numbers, addresses with their ports, masks, marks. Pure; names are looked up by what is passed in.

import { isIPv4, isIPv6 } from "node:net";
import { canonicalAddress, formatAddress } from "../../lib/ip.ts";
import type { Protocol } from "../model.ts";

/** How names and numbers become each other: /etc/hosts, /etc/services, DNS. */
export type Names = {
  /** The first IPv4 address of a host. */
  readonly addressOf: (host: string) => string | undefined;
  readonly hostOf: (address: string) => string | undefined;
  readonly portOf: (service: string, protocol: Protocol) => number | undefined;
  readonly serviceOf: (port: number, protocol: Protocol) => string | undefined;
};

export type Place = {
  readonly address: string;
  /** undefined = not said. */
  readonly port: number | undefined;
};

/** strtol(3) of base 10, all of the text; undefined when it is no number within the bounds. */
export function wholeNumber(text: string, min: number, max: number): number | undefined {
  if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}

/** "host", "host:port", an IPv6 address, "[IPv6 address]:port"; undefined when it is none of these. */
export function placeOf(
  text: string,
  protocol: Protocol | undefined,
  names: Names,
): Place | undefined {
  if (/^\d*$/.test(text)) return undefined;
  const [, bracketed, port] = text.startsWith("[") ? (/^\[([^\]]*)\]:(.*)$/s.exec(text) ?? []) : [];
  if (bracketed === undefined && text.startsWith("[")) return undefined;
  const host = bracketed ?? text;
  const colon = host.lastIndexOf(":");
  // One colon is before a port.
  const inet6 = colon !== host.indexOf(":") && isIPv6(host) ? canonicalAddress(host) : undefined;
  if (inet6 !== undefined) return withPort(inet6, port, protocol, names);
  const name = colon === -1 ? host : host.slice(0, colon);
  const address = inetAddress(name) ?? names.addressOf(name);
  if (address === undefined) return undefined;
  return withPort(address, colon === -1 ? undefined : host.slice(colon + 1), protocol, names);
}

/** An IPv4 mask: an address, or the name of a host. */
export function maskOf(text: string, names: Names): string | undefined {
  return inetAddress(text) ?? names.addressOf(text);
}

/** inet_aton(3): one to four numbers, decimal, octal or hexadecimal, the last of which fills the rest. */
export function inetAddress(text: string): string | undefined {
  // As nearly everybody writes it.
  if (isIPv4(text)) return text;
  const parts = /^(\S*)(\s.*)?$/s.exec(text)?.[1]?.split(".") ?? [];
  if (parts.length > 4) return undefined;
  const numbers = parts.map((part) => {
    if (!/^(0x[\da-f]+|0[0-7]*|[1-9]\d*)$/i.test(part)) return Number.NaN;
    return Number(/^0[0-7]/.test(part) ? `0o${part}` : part);
  });
  const last = numbers.pop() ?? Number.NaN;
  if (numbers.some((number) => !(number <= 255))) return undefined;
  if (!(last < 2 ** (8 * (4 - numbers.length)))) return undefined;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(last);
  bytes.set(numbers);
  return formatAddress(bytes);
}

function withPort(
  address: string,
  text: string | undefined,
  protocol: Protocol | undefined,
  names: Names,
): Place | undefined {
  if (text === undefined) return { address, port: undefined };
  const port = wholeNumber(text, 0, 65535) ?? (protocol && names.portOf(text, protocol));
  return port === undefined ? undefined : { address, port };
}
