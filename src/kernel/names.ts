// Names of hosts, services and errors, as libc knows them: /etc/hosts, DNS, /etc/services, whatever nsswitch.conf says.
// Blocks until there is an answer: for commands, not for a loop that must turn. Its functions are declared here and
// not in ffi.ts, so that no role of the daemon pays for them.

import koffi from "koffi";
import { addressBytes, formatAddress } from "../lib/ip.ts";
import { declare } from "./ffi.ts";
import { AF_INET, AF_INET6 } from "./numbers.ts";

/** struct hostent and struct servent of netdb.h. */
const HOST = koffi.struct("hostent", {
  name: "const char *",
  aliases: "void *",
  family: "int",
  length: "int",
  addresses: "void **",
});
const SERVICE = koffi.struct("servent", {
  name: "const char *",
  aliases: "void *",
  port: "int",
  protocol: "const char *",
});
type Host = { readonly name: string; readonly family: number; readonly addresses: unknown };
type Service = { readonly name: string; readonly port: number };

const getHostByName = declare<(name: string) => unknown>("hostent *gethostbyname(const char *)");
const getHostByAddress = declare<(bytes: Uint8Array, length: number, family: number) => unknown>(
  "hostent *gethostbyaddr(const void *, uint32_t, int)",
);
const getServiceByName = declare<(name: string, protocol: string) => unknown>(
  "servent *getservbyname(const char *, const char *)",
);
const getServiceByPort = declare<(port: number, protocol: string) => unknown>(
  "servent *getservbyport(int, const char *)",
);
const strError = declare<(errno: number) => string>("const char *strerror(int)");

/** The first IPv4 address of a host; undefined = nobody knows one. */
export function addressOfHost(name: string): string | undefined {
  const found = name === "" ? null : getHostByName(name);
  if (found === null) return undefined;
  const host = koffi.decode(found, HOST) as Host;
  const first: unknown = koffi.decode(host.addresses, "void *");
  if (host.family !== AF_INET || first === null) return undefined;
  return formatAddress(koffi.decode(first, koffi.array("uint8_t", 4)) as Uint8Array);
}

/** The name of an IPv4 or IPv6 address. */
export function hostOfAddress(address: string): string | undefined {
  const bytes = addressBytes(address);
  const family = bytes.length === 4 ? AF_INET : AF_INET6;
  const found = getHostByAddress(bytes, bytes.length, family);
  return found === null ? undefined : (koffi.decode(found, HOST) as Host).name;
}

/** `protocol`: "tcp", "udp", "sctp". */
export function portOfService(name: string, protocol: string): number | undefined {
  const found = getServiceByName(name, protocol);
  return found === null ? undefined : swapped((koffi.decode(found, SERVICE) as Service).port);
}

export function serviceOfPort(port: number, protocol: string): string | undefined {
  const found = getServiceByPort(swapped(port), protocol);
  return found === null ? undefined : (koffi.decode(found, SERVICE) as Service).name;
}

/** "Numerical result out of range" for 34. */
export function errnoText(errno: number): string {
  return strError(errno);
}

/** htons(3) and ntohs(3): ports stand in network order in what libc gives and takes. */
function swapped(port: number): number {
  return ((port & 0xff) << 8) | ((port >> 8) & 0xff);
}
