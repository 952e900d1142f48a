// A socket that only hears Ethernet frames from one address. packet(7).

import {
  attachFilter,
  JUMP_EQUAL,
  LOAD_HALF,
  LOAD_WORD,
  NOTHING,
  RETURN,
  WHOLE,
} from "./socket-filter.ts";

/** Offsets from here count from the Ethernet header, wherever the socket's packets begin. */
const SKF_LL_OFF = 0xffe00000;
const SOURCE_AT = 6;

/** `mac`: six bytes. */
export function hearOnlyFrom(fd: number, mac: Uint8Array): void {
  const bytes = Buffer.from(mac);
  attachFilter(fd, [
    [LOAD_WORD, 0, 0, SKF_LL_OFF + SOURCE_AT],
    [JUMP_EQUAL, 0, 3, bytes.readUInt32BE(0)],
    [LOAD_HALF, 0, 0, SKF_LL_OFF + SOURCE_AT + 4],
    [JUMP_EQUAL, 0, 1, bytes.readUInt16BE(4)],
    [RETURN, 0, 0, WHOLE],
    [RETURN, 0, 0, NOTHING],
  ]);
}
