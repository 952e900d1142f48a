// The IPv6 half of vrrp-socket.ts. RFC 5798 §5.1.2, raw(7), ipv6(7), RFC 3542. A raw IPv6 socket gives the payload alone:
// source, destination and hop limit are told beside it, so recvmsg() it is. Checksums are made and judged in wire/vrrp.ts.

import { addressBytes, formatAddress } from "../lib/ip.ts";
import type { IpPacket } from "../wire/ipv4.ts";
import { IPPROTO_VRRP, VRRP_TTL } from "../wire/vrrp.ts";
import { addressOf, bind, check, close, errno, int32, recvmsg, setOption, socket } from "./ffi.ts";
import { watch } from "./poll.ts";
import type { Device } from "./vrrp-socket.ts";

const AF_INET6 = 10;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = { name: "SO_BINDTODEVICE", level: SOL_SOCKET, number: 25 };
const SO_PRIORITY = { name: "SO_PRIORITY", level: SOL_SOCKET, number: 12 };
const SO_RCVBUF = { name: "SO_RCVBUF", level: SOL_SOCKET, number: 8 };
const SOL_IPV6 = 41;
export const IPV6_UNICAST_HOPS = { name: "IPV6_UNICAST_HOPS", level: SOL_IPV6, number: 16 };
const IPV6_MULTICAST_IF = { name: "IPV6_MULTICAST_IF", level: SOL_IPV6, number: 17 };
const IPV6_MULTICAST_HOPS = { name: "IPV6_MULTICAST_HOPS", level: SOL_IPV6, number: 18 };
const IPV6_MULTICAST_LOOP = { name: "IPV6_MULTICAST_LOOP", level: SOL_IPV6, number: 19 };
const IPV6_JOIN_GROUP = { name: "IPV6_JOIN_GROUP", level: SOL_IPV6, number: 20 };
const IPV6_MULTICAST_ALL = { name: "IPV6_MULTICAST_ALL", level: SOL_IPV6, number: 29 };
const IPV6_RECVPKTINFO = { name: "IPV6_RECVPKTINFO", level: SOL_IPV6, number: 49 };
const IPV6_RECVHOPLIMIT = { name: "IPV6_RECVHOPLIMIT", level: SOL_IPV6, number: 51 };
const IPV6_TCLASS = { name: "IPV6_TCLASS", level: SOL_IPV6, number: 67 };
const PKTINFO_MESSAGE = 50;
const HOPLIMIT_MESSAGE = 52;
const INTERNETWORK_CONTROL = 0xc0;
const TC_PRIO_CONTROL = 7;
const MSG_DONTWAIT = 0x40;
const EINTR = 4;
const PACKETS_A_TURN_MAX = 64;

/** A socket that only speaks, from `source`. Throws KernelError. */
export function openSpeakerInet6(device: Device, source: string): number {
  const fd = openRaw(device);
  try {
    setOption(fd, IPV6_MULTICAST_IF, device.index);
    setOption(fd, IPV6_MULTICAST_HOPS, VRRP_TTL);
    setOption(fd, IPV6_MULTICAST_LOOP, 0);
    setOption(fd, IPV6_TCLASS, INTERNETWORK_CONTROL);
    setOption(fd, SO_PRIORITY, TC_PRIO_CONTROL);
    setOption(fd, SO_RCVBUF, 1);
    const address = socketAddressInet6(source, device.index);
    check(`bind ${source}`, bind(fd, address, address.length));
  } catch (error) {
    close(fd);
    throw error;
  }
  return fd;
}

/** As openVrrpReceiver(). */
export function openReceiverInet6(
  device: Device,
  group: string,
  onPacket: (packet: IpPacket) => void,
): { readonly close: () => void } {
  const fd = openRaw(device);
  try {
    setOption(fd, IPV6_MULTICAST_ALL, 0);
    setOption(fd, IPV6_RECVPKTINFO, 1);
    setOption(fd, IPV6_RECVHOPLIMIT, 1);
    // struct ipv6_mreq: group, interface index.
    setOption(fd, IPV6_JOIN_GROUP, Buffer.concat([addressBytes(group), int32(device.index)]));
  } catch (error) {
    close(fd);
    throw new Error(`Cannot join ${group} on ${device.name}`, { cause: error });
  }
  const message = openMessage();
  const watching = watch(fd, () => {
    for (let turn = 0; turn < PACKETS_A_TURN_MAX; turn += 1) {
      const length = recvmsg(fd, message.prepared(), MSG_DONTWAIT);
      if (length < 0) {
        if (errno() === EINTR) continue;
        return;
      }
      onPacket(message.packet(length));
    }
  });
  return {
    close() {
      watching.close();
      close(fd);
    },
  };
}

/** struct sockaddr_in6 with port 0; link-local addresses are those of this interface. */
export function socketAddressInet6(address: string, interfaceIndex: number): Buffer {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt16LE(AF_INET6, 0);
  const ip = addressBytes(address);
  bytes.set(ip, 8);
  if (isLinkLocal(ip)) bytes.writeUInt32LE(interfaceIndex, 24);
  return bytes;
}

/** fe80::/10, and multicast that stays on the link. */
function isLinkLocal(ip: Uint8Array): boolean {
  const [first = 0, second = 0] = ip;
  return (first === 0xfe && (second & 0xc0) === 0x80) || (first === 0xff && (second & 0xf) === 2);
}

function openRaw(device: Device): number {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check("socket vrrp", socket(AF_INET6, type, IPPROTO_VRRP));
  try {
    setOption(fd, SO_BINDTODEVICE, Buffer.from(`${device.name}\0`));
  } catch (error) {
    close(fd);
    throw error;
  }
  return fd;
}

// One block for everything that struct msghdr points to: it is too large to live on V8's heap, so it never moves.
const NAME = { at: 64, length: 28 };
const IOVEC = { at: 96 };
const CONTROL = { at: 128, length: 128 };
/** 255 addresses of 16 bytes are 4088 bytes; what is longer is cut, and its lengths do not agree. */
const DATA = { at: 256, length: 4096 };

type Message = {
  /** struct msghdr, as recvmsg() wants it each time anew. */
  readonly prepared: () => Buffer;
  readonly packet: (length: number) => IpPacket;
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
    packet(length) {
      const control = block.subarray(CONTROL.at, CONTROL.at + CONTROL.length);
      return {
        ...toldBeside(control, Number(block.readBigUInt64LE(40))),
        source: formatAddress(block.subarray(NAME.at + 8, NAME.at + 24)),
        payload: block.subarray(DATA.at, DATA.at + length),
      };
    },
  };
}

/** struct cmsghdr: length, level, type; then an int (hop limit), or struct in6_pktinfo. */
function toldBeside(
  control: Buffer,
  filled: number,
): { readonly ttl: number; readonly destination: string } {
  let ttl = 0;
  let destination = "::";
  for (let at = 0; at + 16 <= filled; ) {
    const size = Number(control.readBigUInt64LE(at));
    const type = control.readInt32LE(at + 12);
    if (control.readInt32LE(at + 8) === SOL_IPV6) {
      if (type === HOPLIMIT_MESSAGE) ttl = control.readInt32LE(at + 16);
      if (type === PKTINFO_MESSAGE) destination = formatAddress(control.subarray(at + 16, at + 32));
    }
    at += Math.max(16, (size + 7) & ~7);
  }
  return { ttl, destination };
}
