// Whole Ethernet frames out of any interface. packet(7). Hears nothing.

import { KernelError } from "./errors.ts";
import { check, close, errno, sendto, socket } from "./ffi.ts";
import { AF_PACKET, EINTR, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from "./numbers.ts";

export type PacketSocket = {
  /** Throws KernelError (ENETDOWN, ENXIO, ENOBUFS). */
  readonly send: (interfaceIndex: number, frame: Uint8Array) => void;
  readonly close: () => void;
};

export function openPacketSocket(): PacketSocket {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check("socket packet", socket(AF_PACKET, type, 0)); // protocol 0: receives nothing
  const address = Buffer.alloc(20); // struct sockaddr_ll
  address.writeUInt16LE(AF_PACKET, 0);
  return {
    send(interfaceIndex, frame) {
      address.writeInt32LE(interfaceIndex, 4);
      while (sendto(fd, frame, frame.length, 0, address, address.length) < 0) {
        const code = errno();
        if (code !== EINTR) throw new KernelError("send frame", code);
      }
    },
    close: () => void close(fd),
  };
}
