// What a socket hears at all, judged in the kernel. Classic BPF: linux/filter.h, packet(7), socket(7).

import { addressOf, setOption } from "./ffi.ts";
import { SOL_SOCKET } from "./numbers.ts";

const SO_ATTACH_FILTER = { name: "SO_ATTACH_FILTER", level: SOL_SOCKET, number: 26 };

export const LOAD_WORD = 0x20;
export const LOAD_HALF = 0x28;
export const LOAD_BYTE = 0x30;
export const JUMP_EQUAL = 0x15;
export const RETURN = 0x06;
/** Bytes of a packet, for RETURN. */
export const WHOLE = 0xffffffff;
export const NOTHING = 0;

/** Operation, instructions to jump over if true, and if not, value: struct sock_filter. */
export type Instruction = readonly [
  operation: number,
  isTrue: number,
  isFalse: number,
  value: number,
];

/** In place of the filter that it had. */
export function attachFilter(fd: number, program: readonly Instruction[]): void {
  // struct sock_filter: code u16 | jump if true u8 | jump if false u8 | value u32
  const code = Buffer.alloc(Math.max(128, 8 * program.length)); // large enough to stay where it is
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
