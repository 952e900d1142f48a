// Where a server is reached, as it is written here.

import { hostPort } from "../../lib/ip.ts";

/** ADDRESS:PORT, [ADDRESS]:PORT; the name of a port stays one. null = no port. */
export function endpoint(address: string, port: string | null): string {
  if (port === null) return address;
  return /^\d+$/.test(port) ? hostPort(address, Number(port)) : `${address}:${port}`;
}
