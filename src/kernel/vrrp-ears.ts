// Adverts whose source is an address of this machine. The kernel takes such packets for forged ("martian source",
// fib_validate_source() of net/ipv4/fib_frontend.c) and gives them to no IP socket; a packet socket has them before it looks.
// packet(7). IPv6 has no such check.

import { decodeIpv4, type IpPacket } from "../wire/ipv4.ts";
import { IPPROTO_VRRP } from "../wire/vrrp.ts";
import { bind, check, close, errno, int32, recvfrom, socket } from "./ffi.ts";
import {
  AF_PACKET,
  EINTR,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
} from "./numbers.ts";
import { watchPackets } from "./poll.ts";
import { attachFilter, JUMP_EQUAL, LOAD_BYTE, NOTHING, RETURN, WHOLE } from "./socket-filter.ts";
import type { Device } from "./vrrp-raw.ts";

const ETH_P_IP = 0x0800;
/** linux/if_packet.h: to this machine, to everybody, to a group; what is above is another's, or our own. */
const PACKET_MULTICAST = 2;
const PROTOCOL_AT = 9;
const PACKET_BYTES_MAX = 2048;
/** Then the loop turns, so that a flood cannot starve the timers. */
const PACKETS_A_TURN_MAX = 64;

/** `onPacket` gets every advert of the interface that is sent to this machine; the bytes are only valid during the call. */
export function openVrrpEars(
  device: Device,
  onPacket: (packet: IpPacket) => void,
): { readonly close: () => void } {
  // Protocol 0 hears nothing until there is a filter. A datagram begins with the IP header.
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check("socket packet", socket(AF_PACKET, type, 0));
  try {
    attachFilter(fd, [
      [LOAD_BYTE, 0, 0, PROTOCOL_AT],
      [JUMP_EQUAL, 0, 1, IPPROTO_VRRP],
      [RETURN, 0, 0, WHOLE],
      [RETURN, 0, 0, NOTHING],
    ]);
    const at = Buffer.alloc(20); // struct sockaddr_ll: family u16, protocol u16, interface i32
    at.writeUInt16LE(AF_PACKET, 0);
    at.writeUInt16BE(ETH_P_IP, 2);
    at.writeInt32LE(device.index, 4);
    check(`bind packet ${device.name}`, bind(fd, at, at.length));
  } catch (error) {
    close(fd);
    throw error;
  }
  const buffer = Buffer.allocUnsafe(PACKET_BYTES_MAX);
  const from = Buffer.alloc(20);
  const watching = watchPackets(fd, () => {
    for (let turn = 0; turn < PACKETS_A_TURN_MAX; turn += 1) {
      const length = recvfrom(fd, buffer, buffer.length, MSG_DONTWAIT, from, int32(from.length));
      if (length < 0) {
        if (errno() === EINTR) continue;
        return;
      }
      const packet = decodeIpv4(buffer.subarray(0, length));
      if (packet !== undefined && (from[10] ?? 0) <= PACKET_MULTICAST) onPacket(packet);
    }
  });
  return {
    close() {
      watching.close();
      close(fd);
    },
  };
}
