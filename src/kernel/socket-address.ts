// struct sockaddr_in and sockaddr_in6. ip(7), ipv6(7).

import { addressBytes } from "../lib/ip.ts";
import { AF_INET, AF_INET6 } from "./socket-options.ts";

export function socketAddress(address: string, port: number): Buffer {
  const inet6 = address.includes(":");
  const bytes = Buffer.alloc(inet6 ? 28 : 16);
  bytes.writeUInt16LE(inet6 ? AF_INET6 : AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(addressBytes(address), inet6 ? 8 : 4);
  return bytes;
}
