// TCP and UDP sockets of Node with options that must be set before they connect. socket(7), ip(7).

import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { Socket } from "node:net";
import { bind, check, close, setOption, socket } from "./ffi.ts";
import {
  AF_INET,
  AF_INET6,
  IP_BIND_ADDRESS_NO_PORT,
  SO_BINDTODEVICE,
  SO_MARK,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from "./numbers.ts";
import { socketAddress } from "./socket-address.ts";

/** null = as the kernel likes. */
export type SocketSource = {
  readonly address: string | null;
  readonly port: number | null;
  readonly interface: string | null;
  readonly fwmark: number | null;
};

/** To be connected in the same turn of the loop. Throws KernelError. */
export function tcpSocketFrom(source: SocketSource, family: 4 | 6): Socket {
  const fd = openFrom(source, family, SOCK_STREAM);
  try {
    return new Socket({ fd });
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** Bound where the source says so. Throws KernelError. */
export function udpSocketFrom(source: SocketSource | null, family: 4 | 6): UdpSocket {
  const udp = createSocket(family === 4 ? "udp4" : "udp6");
  if (source === null) return udp;
  const fd = openFrom(source, family, SOCK_DGRAM);
  try {
    udp.bind({ fd });
    return udp;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** A descriptor that is the caller's to close. Throws KernelError. */
export function openFrom(
  source: SocketSource | null,
  family: 4 | 6,
  kind: number,
  protocol = 0,
): number {
  const type = kind | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check("socket", socket(family === 4 ? AF_INET : AF_INET6, type, protocol));
  if (source === null) return fd;
  try {
    const { address, port, interface: device, fwmark } = source;
    if (device !== null) setOption(fd, SO_BINDTODEVICE, Buffer.from(`${device}\0`));
    if (fwmark !== null) setOption(fd, SO_MARK, fwmark | 0);
    if (port !== null) setOption(fd, SO_REUSEADDR, 1);
    // Its port is then chosen with the destination: two connections may share one.
    else if (address !== null) setOption(fd, IP_BIND_ADDRESS_NO_PORT, 1);
    if (port !== null || address !== null)
      bindTo(fd, address ?? (family === 4 ? "0.0.0.0" : "::"), port ?? 0);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

function bindTo(fd: number, address: string, port: number): void {
  const bytes = socketAddress(address, port);
  check(`bind ${address} port ${port}`, bind(fd, bytes, bytes.length));
}
