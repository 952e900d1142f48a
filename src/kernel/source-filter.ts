// A socket that only hears Ethernet frames from one address. Classic BPF: linux/filter.h, packet(7).

import { addressOf, setOption } from "./ffi.ts";
import { SOL_SOCKET } from "./socket-options.ts";

const SO_ATTACH_FILTER = { name: "SO_ATTACH_FILTER", level: SOL_SOCKET, number: 26 };
/** Offsets from here count from the Ethernet header, wherever the socket's packets begin. */
const SKF_LL_OFF = 0xffe00000;
const SOURCE_AT = 6;
const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;
const WHOLE = 0xffffffff;

/** `mac`: six bytes. */
export function hearOnlyFrom(fd: number, mac: Uint8Array): void {
  const bytes = Buffer.from(mac);
  // struct sock_filter: code u16 | jump if true u8 | jump if false u8 | value u32
  const program = [
    [LOAD_WORD, 0, 0, SKF_LL_OFF + SOURCE_AT],
    [JUMP_EQUAL, 0, 3, bytes.readUInt32BE(0)],
    [LOAD_HALF, 0, 0, SKF_LL_OFF + SOURCE_AT + 4],
    [JUMP_EQUAL, 0, 1, bytes.readUInt16BE(4)],
    [RETURN, 0, 0, WHOLE],
    [RETURN, 0, 0, 0],
  ] as const;
  const code = Buffer.alloc(128); // large enough to stay where it is
  program.forEach(([operation, yes, no, value], i) => {
    code.writeUInt16LE(operation, 8 * i);
    code.writeUInt8(yes, 8 * i + 2);
    code.writeUInt8(no, 8 * i + 3);
    code.writeUInt32LE(value, 8 * i + 4);
  });
  // struct sock_fprog: length u16, pointer
  const head = Buffer.alloc(16);
  head.writeUInt16LE(program.length, 0);
  head.writeBigUInt64LE(addressOf(code), 8);
  setOption(fd, SO_ATTACH_FILTER, head);
}
