// Adverts whose source is an address of this machine. The kernel takes such packets for forged ("martian source",
// fib_validate_source() of net/ipv4/fib_frontend.c) and gives them to no IP socket; a packet socket has them before it looks.
// packet(7). IPv6 has no such check.

import { decodeIpv4, type IpPacket } from "../wire/ipv4.ts";
import { IPPROTO_VRRP } from "../wire/vrrp.ts";
import { SOCK_DGRAM } from "./numbers.ts";
import { openPacketEars, PACKET_MULTICAST, type PacketEars } from "./packet-ears.ts";
import { watchPackets } from "./poll.ts";
import { JUMP_EQUAL, LOAD_BYTE, NOTHING, RETURN, WHOLE } from "./socket-filter.ts";
import type { Device } from "./vrrp-raw.ts";

const ETH_P_IP = 0x0800;
const PROTOCOL_AT = 9;
const PACKET_BYTES_MAX = 2048;

/** `onPacket` gets every advert of the interface that is sent to this machine; the bytes are only valid during the call. */
export function openVrrpEars(
  device: Device,
  onPacket: (packet: IpPacket) => void,
): Pick<PacketEars, "close"> {
  return openPacketEars({
    kind: SOCK_DGRAM,
    protocol: ETH_P_IP,
    interfaceIndex: device.index,
    bytesMax: PACKET_BYTES_MAX,
    filter: [
      [LOAD_BYTE, 0, 0, PROTOCOL_AT],
      [JUMP_EQUAL, 0, 1, IPPROTO_VRRP],
      [RETURN, 0, 0, WHOLE],
      [RETURN, 0, 0, NOTHING],
    ],
    watch: watchPackets,
    onPacket(bytes, { packetType }) {
      const packet = decodeIpv4(bytes);
      if (packet !== undefined && packetType <= PACKET_MULTICAST) onPacket(packet);
    },
  });
}
