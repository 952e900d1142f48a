// UDP with what node:dgram does not tell: the time to live that a datagram came with. udp(7), ip(7), ipv6(7), recvmsg(2).

import { randomInt } from "node:crypto";
import { addressBytes, formatAddress } from "../lib/ip.ts";
import { KernelError } from "./errors.ts";
import { addressOf, bind, check, close, errno, recvmsg, sendto, setOption, socket } from "./ffi.ts";
import { watch } from "./poll.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_PRIORITY = { name: "SO_PRIORITY", level: SOL_SOCKET, number: 12 };
const SOL_IP = 0;
const IP_TOS = { name: "IP_TOS", level: SOL_IP, number: 1 };
const IP_TTL = { name: "IP_TTL", level: SOL_IP, number: 2 };
const IP_RECVTTL = { name: "IP_RECVTTL", level: SOL_IP, number: 12 };
const SOL_IPV6 = 41;
const IPV6_UNICAST_HOPS = { name: "IPV6_UNICAST_HOPS", level: SOL_IPV6, number: 16 };
const IPV6_V6ONLY = { name: "IPV6_V6ONLY", level: SOL_IPV6, number: 26 };
const IPV6_RECVHOPLIMIT = { name: "IPV6_RECVHOPLIMIT", level: SOL_IPV6, number: 51 };
const IPV6_TCLASS = { name: "IPV6_TCLASS", level: SOL_IPV6, number: 67 };
const IP_TTL_MESSAGE = 2;
const IPV6_HOPLIMIT_MESSAGE = 52;
const INTERNETWORK_CONTROL = 0xc0;
const TC_PRIO_CONTROL = 7;
const MSG_DONTWAIT = 0x40;
const EINTR = 4;
const EADDRINUSE = 98;
const DATAGRAMS_A_TURN_MAX = 64;
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
  const message = openMessage();
  const watching = watch(fd, () => {
    for (let turn = 0; turn < DATAGRAMS_A_TURN_MAX; turn += 1) {
      const length = recvmsg(fd, message.prepared(), MSG_DONTWAIT);
      if (length < 0) {
        if (errno() === EINTR) continue;
        return;
      }
      options.onDatagram(message.datagram(length, family));
    }
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
    const address = socketAddress(source, randomInt(EPHEMERAL.first, EPHEMERAL.last + 1));
    if (bind(fd, address, address.length) === 0) return;
    const code = errno();
    if (code !== EADDRINUSE || tries === PORT_TRIES_MAX) {
      throw new KernelError(`bind ${source}`, code);
    }
  }
}

/** struct sockaddr_in or sockaddr_in6. */
function socketAddress(address: string, port: number): Buffer {
  const inet6 = address.includes(":");
  const bytes = Buffer.alloc(inet6 ? 28 : 16);
  bytes.writeUInt16LE(inet6 ? AF_INET6 : AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(addressBytes(address), inet6 ? 8 : 4);
  return bytes;
}

// One block for everything that struct msghdr points to: it is too large to live on V8's heap, so it never moves.
const NAME = { at: 64, length: 28 };
const IOVEC = { at: 96 };
const CONTROL = { at: 128, length: 128 };
const DATA = { at: 256, length: 1024 };

type Message = {
  /** struct msghdr, as recvmsg() wants it each time anew. */
  readonly prepared: () => Buffer;
  readonly datagram: (length: number, family: 4 | 6) => Datagram;
};

function openMessage(): Message {
  const block = Buffer.alloc(DATA.at + DATA.length);
  const base = addressOf(block);
  block.writeBigUInt64LE(base + BigInt(NAME.at), 0);
  block.writeBigUInt64LE(base + BigInt(IOVEC.at), 16);
  block.writeBigUInt64LE(1n, 24);
  block.writeBigUInt64LE(base + BigInt(CONTROL.at), 32);
  block.writeBigUInt64LE(base + BigInt(DATA.at), IOVEC.at);
  block.writeBigUInt64LE(BigInt(DATA.length), IOVEC.at + 8);
  return {
    prepared() {
      block.writeUInt32LE(NAME.length, 8);
      block.writeBigUInt64LE(BigInt(CONTROL.length), 40);
      return block;
    },
    datagram(length, family) {
      const [at, size] = family === 4 ? [NAME.at + 4, 4] : [NAME.at + 8, 16];
      return {
        bytes: block.subarray(DATA.at, DATA.at + length),
        source: formatAddress(block.subarray(at, at + size)),
        ttl: ttlIn(block.subarray(CONTROL.at), Number(block.readBigUInt64LE(40))),
      };
    },
  };
}

/** struct cmsghdr: length, level, type, then an int. */
function ttlIn(control: Buffer, length: number): number {
  for (let at = 0; at + 20 <= length; ) {
    const level = control.readInt32LE(at + 8);
    const type = control.readInt32LE(at + 12);
    const isTtl =
      (level === SOL_IP && type === IP_TTL_MESSAGE) ||
      (level === SOL_IPV6 && type === IPV6_HOPLIMIT_MESSAGE);
    if (isTtl) return control.readInt32LE(at + 16);
    const size = Number(control.readBigUInt64LE(at));
    at += Math.max(16, (size + 7) & ~7);
  }
  return 0;
}
