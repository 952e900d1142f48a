// The IPv6 half of vrrp-socket.ts. RFC 5798 §5.1.2, raw(7), ipv6(7), RFC 3542. A raw IPv6 socket gives the payload alone:
// source, destination and hop limit are told beside it, so recvmsg() it is. Checksums are made and judged in wire/vrrp.ts.

import { addressBytes, formatAddress } from "../lib/ip.ts";
import type { IpPacket } from "../wire/ipv4.ts";
import { VRRP_TTL } from "../wire/vrrp.ts";
import { bind, check, close, int32, setOption } from "./ffi.ts";
import {
  AF_INET6,
  INTERNETWORK_CONTROL,
  IPV6_HOPLIMIT_MESSAGE,
  IPV6_PKTINFO_MESSAGE,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_TCLASS,
  SO_PRIORITY,
  SO_RCVBUF,
  SOL_IPV6,
  TC_PRIO_CONTROL,
} from "./numbers.ts";
import { watchMessages } from "./recvmsg.ts";
import { hearOnlyFrom } from "./source-filter.ts";
import { type Device, openRawVrrp } from "./vrrp-raw.ts";

const IPV6_MULTICAST_IF = { name: "IPV6_MULTICAST_IF", level: SOL_IPV6, number: 17 };
const IPV6_MULTICAST_HOPS = { name: "IPV6_MULTICAST_HOPS", level: SOL_IPV6, number: 18 };
const IPV6_MULTICAST_LOOP = { name: "IPV6_MULTICAST_LOOP", level: SOL_IPV6, number: 19 };
const IPV6_JOIN_GROUP = { name: "IPV6_JOIN_GROUP", level: SOL_IPV6, number: 20 };
const IPV6_MULTICAST_ALL = { name: "IPV6_MULTICAST_ALL", level: SOL_IPV6, number: 29 };
/** Linux 4.15. */
const IPV6_FREEBIND = { name: "IPV6_FREEBIND", level: SOL_IPV6, number: 78 };
/** 255 addresses of 16 bytes are 4088 bytes; what is longer is cut, and its lengths do not agree. */
const PACKET_BYTES_MAX = 4096;

/** A socket that only speaks, from `source`; `borrowed` = an address of another interface. Throws KernelError. */
export function openSpeakerInet6(device: Device, source: string, borrowed: boolean): number {
  const fd = openRawVrrp(AF_INET6, device);
  try {
    if (borrowed) setOption(fd, IPV6_FREEBIND, 1);
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
  onlyFrom?: Uint8Array,
): { readonly close: () => void } {
  const fd = openRawVrrp(AF_INET6, device);
  try {
    if (onlyFrom !== undefined) hearOnlyFrom(fd, onlyFrom);
    setOption(fd, IPV6_MULTICAST_ALL, 0);
    setOption(fd, IPV6_RECVPKTINFO, 1);
    setOption(fd, IPV6_RECVHOPLIMIT, 1);
    // struct ipv6_mreq: group, interface index.
    setOption(fd, IPV6_JOIN_GROUP, Buffer.concat([addressBytes(group), int32(device.index)]));
  } catch (error) {
    close(fd);
    throw new Error(`Cannot join ${group} on ${device.name}`, { cause: error });
  }
  const watching = watchMessages(fd, {
    family: 6,
    bytesMax: PACKET_BYTES_MAX,
    onMessage: ({ bytes, source, control }) =>
      onPacket({
        ttl: control(SOL_IPV6, IPV6_HOPLIMIT_MESSAGE)?.readInt32LE(0) ?? 0,
        source,
        destination: formatAddress(
          control(SOL_IPV6, IPV6_PKTINFO_MESSAGE)?.subarray(0, 16) ?? new Uint8Array(16),
        ),
        payload: bytes,
      }),
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
