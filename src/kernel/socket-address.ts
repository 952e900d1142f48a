// struct sockaddr_in, sockaddr_in6 and sockaddr_un. ip(7), ipv6(7), unix(7).

import { addressBytes } from "../lib/ip.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "./numbers.ts";

export function socketAddress(address: string, port: number): Buffer {
  const bytes = Buffer.alloc(address.includes(":") ? INET6_BYTES : INET_BYTES);
  writeSocketAddress(bytes, address, port);
  return bytes;
}

/** Into bytes that may hold another one; returns its length. */
export function writeSocketAddress(bytes: Buffer, address: string, port: number): number {
  const inet6 = address.includes(":");
  const length = inet6 ? INET6_BYTES : INET_BYTES;
  bytes.fill(0, 0, length);
  bytes.writeUInt16LE(inet6 ? AF_INET6 : AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(addressBytes(address), inet6 ? 8 : 4);
  return length;
}

/** Of a path, or of a name in the abstract namespace: "@NAME"; shorter than UNIX_PATH_BYTES_MAX. */
export function unixAddress(path: string): Buffer {
  const bytes = Buffer.from(path);
  if (path.startsWith("@")) bytes[0] = 0;
  return Buffer.concat([Buffer.from([AF_UNIX, 0]), bytes]);
}

export const UNIX_PATH_BYTES_MAX = 108;
const INET_BYTES = 16;
const INET6_BYTES = 28;
