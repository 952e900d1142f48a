// UDP with what node:dgram does not tell: the time to live that a datagram came with. udp(7), ip(7), ipv6(7), recvmsg(2).

import { wholeChance } from "../lib/chance.ts";
import { KernelError } from "./errors.ts";
import { bind, check, close, errno, sendto, setOption, socket } from "./ffi.ts";
import {
  AF_INET,
  AF_INET6,
  EINTR,
  INTERNETWORK_CONTROL,
  IP_TOS,
  IP_TTL,
  IPV6_HOPLIMIT_MESSAGE,
  IPV6_RECVHOPLIMIT,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  SO_PRIORITY,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_IP,
  SOL_IPV6,
  TC_PRIO_CONTROL,
} from "./numbers.ts";
import { watchMessages } from "./recvmsg.ts";
import { socketAddress } from "./socket-address.ts";

const IP_RECVTTL = { name: "IP_RECVTTL", level: SOL_IP, number: 12 };
/** The control message that IP_RECVTTL asks for. */
const IP_TTL_MESSAGE = 2;
const IPV6_V6ONLY = { name: "IPV6_V6ONLY", level: SOL_IPV6, number: 26 };
const EADDRINUSE = 98;
const DATAGRAM_BYTES_MAX = 1024;
/** RFC 5881 §4 wants the ephemeral ports. */
const EPHEMERAL = { first: 49152, last: 65535 };
const PORT_TRIES_MAX = 16;

export type Datagram = {
  /** Only valid during the call. */
  readonly bytes: Buffer;
  readonly source: string;
  /** Hop limit in IPv6; 0 = the kernel did not say. */
  readonly ttl: number;
};

/** Hears everything that comes to a port of this machine. Throws KernelError (EADDRINUSE). */
export function openUdpReceiver(options: {
  readonly family: 4 | 6;
  readonly port: number;
  readonly onDatagram: (datagram: Datagram) => void;
}): { readonly close: () => void } {
  const { family, port } = options;
  const fd = openUdp(family);
  try {
    if (family === 6) setOption(fd, IPV6_V6ONLY, 1);
    setOption(fd, family === 4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1);
    const any = socketAddress(family === 4 ? "0.0.0.0" : "::", port);
    check(`bind port ${port}`, bind(fd, any, any.length));
  } catch (error) {
    close(fd);
    throw error;
  }
  const [level, type] = family === 4 ? [SOL_IP, IP_TTL_MESSAGE] : [SOL_IPV6, IPV6_HOPLIMIT_MESSAGE];
  const watching = watchMessages(fd, {
    family,
    bytesMax: DATAGRAM_BYTES_MAX,
    onMessage: ({ bytes, source, control }) =>
      options.onDatagram({ bytes, source, ttl: control(level, type)?.readInt32LE(0) ?? 0 }),
  });
  return {
    close() {
      watching.close();
      close(fd);
    },
  };
}

export type UdpSender = {
  /** Throws KernelError. */
  readonly send: (bytes: Uint8Array) => void;
  readonly close: () => void;
};

/** From `source` and an ephemeral port that is its own, marked as network control. Throws KernelError. */
export function openUdpSender(options: {
  readonly source: string | null;
  readonly destination: string;
  readonly port: number;
  readonly ttl: number;
}): UdpSender {
  const { destination, port, ttl } = options;
  const family = destination.includes(":") ? 6 : 4;
  const fd = openUdp(family);
  try {
    setOption(fd, family === 4 ? IP_TTL : IPV6_UNICAST_HOPS, ttl);
    setOption(fd, family === 4 ? IP_TOS : IPV6_TCLASS, INTERNETWORK_CONTROL);
    setOption(fd, SO_PRIORITY, TC_PRIO_CONTROL);
    bindEphemeral(fd, options.source ?? (family === 4 ? "0.0.0.0" : "::"));
  } catch (error) {
    close(fd);
    throw error;
  }
  const address = socketAddress(destination, port);
  return {
    send(bytes) {
      while (sendto(fd, bytes, bytes.length, 0, address, address.length) < 0) {
        const code = errno();
        if (code !== EINTR) throw new KernelError(`send to ${destination}`, code);
      }
    },
    close: () => void close(fd),
  };
}

function openUdp(family: 4 | 6): number {
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  return check("socket udp", socket(family === 4 ? AF_INET : AF_INET6, type, 0));
}

function bindEphemeral(fd: number, source: string): void {
  for (let tries = 1; ; tries += 1) {
    const address = socketAddress(source, wholeChance(EPHEMERAL.first, EPHEMERAL.last));
    if (bind(fd, address, address.length) === 0) return;
    const code = errno();
    if (code !== EADDRINUSE || tries === PORT_TRIES_MAX) {
      throw new KernelError(`bind ${source}`, code);
    }
  }
}
