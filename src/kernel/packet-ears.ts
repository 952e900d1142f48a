// A packet socket that only hears: one protocol, what a filter lets through, of one interface or of all. packet(7).

import { bind, check, close, errno, int32, recvfrom, socket } from "./ffi.ts";
import { AF_PACKET, EINTR, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_NONBLOCK } from "./numbers.ts";
import type { Watch } from "./poll.ts";
import { attachFilter, type Instruction } from "./socket-filter.ts";

export type PacketEars = {
  /** Another filter, from the next packet on. */
  readonly filter: (instructions: readonly Instruction[]) => void;
  readonly close: () => void;
};

/** struct sockaddr_ll of linux/if_packet.h: family u16, protocol u16, interface i32, hardware type u16, packet type u8. */
export type PacketSource = { readonly interfaceIndex: number; readonly packetType: number };

/** linux/if_packet.h: to this machine itself, neither broadcast nor multicast. */
export const PACKET_HOST = 0;
/** To a group; what is above is another's, or our own. */
export const PACKET_MULTICAST = 2;

const ADDRESS_BYTES = 20;
/** Then the loop turns, so that a flood cannot starve the timers. */
const PACKETS_A_TURN_MAX = 64;

/**
 * `kind`: SOCK_RAW for whole frames, SOCK_DGRAM for packets that begin with the IP header. `interfaceIndex` 0: every
 * interface. The bytes are only valid during the call. Throws what the kernel refuses.
 */
export function openPacketEars(options: {
  readonly kind: number;
  readonly protocol: number;
  readonly interfaceIndex: number;
  readonly bytesMax: number;
  readonly filter: readonly Instruction[];
  readonly watch: (fd: number, onReadable: () => void) => Watch;
  readonly onPacket: (packet: Buffer, from: PacketSource) => void;
}): PacketEars {
  const { onPacket } = options;
  // Protocol 0 hears nothing until there is a filter.
  const type = options.kind | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check("socket packet", socket(AF_PACKET, type, 0));
  const filter: PacketEars["filter"] = (instructions) => attachFilter(fd, instructions);
  try {
    filter(options.filter);
    const at = Buffer.alloc(ADDRESS_BYTES);
    at.writeUInt16LE(AF_PACKET, 0);
    at.writeUInt16BE(options.protocol, 2);
    at.writeInt32LE(options.interfaceIndex, 4);
    check(`bind packet ${options.interfaceIndex}`, bind(fd, at, at.length));
  } catch (error) {
    close(fd);
    throw error;
  }
  const packet = Buffer.alloc(options.bytesMax);
  const from = Buffer.alloc(ADDRESS_BYTES);
  const watching = options.watch(fd, () => {
    for (let turn = 0; turn < PACKETS_A_TURN_MAX; turn += 1) {
      const length = recvfrom(fd, packet, packet.length, MSG_DONTWAIT, from, int32(from.length));
      if (length < 0) {
        if (errno() === EINTR) continue;
        return;
      }
      onPacket(packet.subarray(0, length), {
        interfaceIndex: from.readInt32LE(4),
        packetType: from[10] ?? 0,
      });
    }
  });
  return {
    filter,
    close() {
      watching.close();
      close(fd);
    },
  };
}
