// Raw protocol-112 sockets of one interface. RFC 5798 §5.1.1, raw(7), ip(7). What IPv6 does differently is in
// vrrp-socket-inet6.ts.
//
// Two of them: one that joins the group and only hears, one that is bound to the source address and only speaks
// (a raw socket bound to an address would not hear multicast). IPv4 gives the whole packet with its IP header,
// so TTL, source and destination are read from there; the interface is the one the socket is bound to.

import { addressBytes, familyOf } from "../lib/ip.ts";
import { decodeIpv4, type IpPacket } from "../wire/ipv4.ts";
import { VRRP_TTL } from "../wire/vrrp.ts";
import { KernelError } from "./errors.ts";
import { bind, check, close, errno, int32, recv, sendto, setOption } from "./ffi.ts";
import {
  AF_INET,
  EINTR,
  INTERNETWORK_CONTROL,
  IP_TOS,
  IP_TTL,
  IPV6_UNICAST_HOPS,
  MSG_DONTWAIT,
  MSG_TRUNC,
  SO_PRIORITY,
  SO_RCVBUF,
  SOL_IP,
  TC_PRIO_CONTROL,
} from "./numbers.ts";
import { watchPackets } from "./poll.ts";
import { hearOnlyFrom } from "./source-filter.ts";
import { type Device, openRawVrrp } from "./vrrp-raw.ts";
import { openReceiverInet6, openSpeakerInet6, socketAddressInet6 } from "./vrrp-socket-inet6.ts";

const IP_MULTICAST_IF = { name: "IP_MULTICAST_IF", level: SOL_IP, number: 32 };
const IP_MULTICAST_TTL = { name: "IP_MULTICAST_TTL", level: SOL_IP, number: 33 };
const IP_MULTICAST_LOOP = { name: "IP_MULTICAST_LOOP", level: SOL_IP, number: 34 };
const IP_ADD_MEMBERSHIP = { name: "IP_ADD_MEMBERSHIP", level: SOL_IP, number: 35 };
const IP_MULTICAST_ALL = { name: "IP_MULTICAST_ALL", level: SOL_IP, number: 49 };
const PACKET_BYTES_MAX = 2048;
/** Then the loop turns, so that a flood cannot starve the timers. */
const PACKETS_A_TURN_MAX = 64;

/** One peer, in place of the group. */
export type UnicastHop = { readonly destination: string; readonly ttl: number };

export type VrrpSender = {
  /** Sends one advert to the group, or to a peer. Throws KernelError: ENETUNREACH = link down, ENODEV = interface gone. */
  readonly send: (advert: Uint8Array, to?: UnicastHop) => void;
  readonly close: () => void;
};

/**
 * Adverts to the group leave with TTL 255, all from `source`, whose family decides, and are not looped back to this machine.
 * `borrowed`: the source is an address of another interface than this one.
 */
export function openVrrpSender(
  device: Device,
  group: string,
  source: string,
  { borrowed = false }: { readonly borrowed?: boolean } = {},
): VrrpSender {
  const family = familyOf(source);
  const fd =
    family === 6 ? openSpeakerInet6(device, source, borrowed) : openSpeaker(device, group, source);
  const unicastTtl = family === 6 ? IPV6_UNICAST_HOPS : IP_TTL;
  const addressTo = (destination: string): Buffer =>
    family === 6 ? socketAddressInet6(destination, device.index) : socketAddress(destination);
  const groupAddress = addressTo(group);
  let ttlSet = 0;
  return {
    send(advert, to) {
      const destination = to === undefined ? groupAddress : addressTo(to.destination);
      if (to !== undefined && to.ttl !== ttlSet) {
        setOption(fd, unicastTtl, to.ttl);
        ttlSet = to.ttl;
      }
      while (sendto(fd, advert, advert.length, 0, destination, destination.length) < 0) {
        const code = errno();
        if (code !== EINTR) throw new KernelError(`send advert on ${device.name}`, code);
      }
    },
    close: () => void close(fd),
  };
}

/**
 * `onPacket` gets whole packets that arrived on this interface; the bytes are only valid during the call.
 * `onlyFrom`: six bytes, the Ethernet address of who is heard.
 */
export function openVrrpReceiver(
  device: Device,
  group: string,
  onPacket: (packet: IpPacket) => void,
  onlyFrom?: Uint8Array,
): { readonly close: () => void } {
  if (familyOf(group) === 6) return openReceiverInet6(device, group, onPacket, onlyFrom);
  const fd = openRawVrrp(AF_INET, device);
  try {
    if (onlyFrom !== undefined) hearOnlyFrom(fd, onlyFrom);
    setOption(fd, IP_MULTICAST_ALL, 0);
    setOption(fd, IP_ADD_MEMBERSHIP, membership(group, device.index));
  } catch (error) {
    close(fd);
    throw new Error(`Cannot join ${group} on ${device.name}`, { cause: error });
  }
  const buffer = Buffer.allocUnsafe(PACKET_BYTES_MAX);
  const watching = watchPackets(fd, () => {
    for (let turn = 0; turn < PACKETS_A_TURN_MAX; turn += 1) {
      const length = recv(fd, buffer, buffer.length, MSG_DONTWAIT | MSG_TRUNC);
      if (length < 0) {
        if (errno() === EINTR) continue;
        return;
      }
      // What is longer than the buffer is no whole packet: its length does not agree.
      const packet = decodeIpv4(buffer.subarray(0, Math.min(length, buffer.length)));
      if (packet !== undefined) onPacket(packet);
    }
  });
  return {
    close() {
      watching.close();
      close(fd);
    },
  };
}

function openSpeaker(device: Device, group: string, source: string): number {
  const fd = openRawVrrp(AF_INET, device);
  try {
    setOption(fd, IP_MULTICAST_IF, membership(group, device.index));
    setOption(fd, IP_MULTICAST_TTL, VRRP_TTL);
    setOption(fd, IP_MULTICAST_LOOP, 0);
    setOption(fd, IP_TOS, INTERNETWORK_CONTROL);
    setOption(fd, SO_PRIORITY, TC_PRIO_CONTROL);
    setOption(fd, SO_RCVBUF, 1);
    const address = socketAddress(source);
    check(`bind ${source}`, bind(fd, address, address.length));
  } catch (error) {
    close(fd);
    throw error;
  }
  return fd;
}

/** struct ip_mreqn: group, own address (any), interface index. */
function membership(group: string, index: number): Buffer {
  return Buffer.concat([addressBytes(group), Buffer.alloc(4), int32(index)]);
}

/** struct sockaddr_in with port 0. */
function socketAddress(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.set(addressBytes(address), 4);
  return bytes;
}
