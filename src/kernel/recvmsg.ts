// Datagrams with what the kernel tells beside them: time to live, destination. recvmsg(2), cmsg(3).

import { formatAddress } from "../lib/ip.ts";
import { addressOf, errno, recvmsg } from "./ffi.ts";
import { EINTR, MSG_DONTWAIT } from "./numbers.ts";
import { type Watch, watchPackets } from "./poll.ts";

export type Message = {
  /** Only valid during the call. */
  readonly bytes: Buffer;
  readonly source: string;
  /** The control message of a level and type; undefined when the kernel sent none. */
  readonly control: (level: number, type: number) => Buffer | undefined;
};

/** Then the loop turns, so that a flood cannot starve the timers. */
const MESSAGES_A_TURN_MAX = 64;

// One block for everything that struct msghdr points to: it is too large to live on V8's heap, so it never moves.
const NAME = { at: 64, length: 28 };
const IOVEC = { at: 96 };
const CONTROL = { at: 128, length: 128 };
const DATA_AT = 256;
const CONTROL_HEAD_BYTES = 16;

/** What is longer than `bytesMax` is cut. Close the watch before the descriptor. */
export function watchMessages(
  fd: number,
  options: {
    readonly family: 4 | 6;
    readonly bytesMax: number;
    readonly onMessage: (message: Message) => void;
  },
): Watch {
  const { family, bytesMax, onMessage } = options;
  const block = openBlock(bytesMax);
  // struct sockaddr_in or sockaddr_in6
  const [sourceAt, sourceBytes] = family === 4 ? [NAME.at + 4, 4] : [NAME.at + 8, 16];
  const control = (level: number, type: number): Buffer | undefined =>
    controlIn(block.subarray(CONTROL.at), Number(block.readBigUInt64LE(40)), level, type);

  return watchPackets(fd, () => {
    for (let turn = 0; turn < MESSAGES_A_TURN_MAX; turn += 1) {
      // What recvmsg() changes in the header is set anew each time.
      block.writeUInt32LE(NAME.length, 8);
      block.writeBigUInt64LE(BigInt(CONTROL.length), 40);
      const length = recvmsg(fd, block, MSG_DONTWAIT);
      if (length < 0) {
        if (errno() === EINTR) continue;
        return;
      }
      const source = formatAddress(block.subarray(sourceAt, sourceAt + sourceBytes));
      onMessage({ bytes: block.subarray(DATA_AT, DATA_AT + length), source, control });
    }
  });
}

/** struct msghdr with its pointers: name, iovec of one, control. */
function openBlock(bytesMax: number): Buffer {
  const block = Buffer.alloc(Math.max(DATA_AT + bytesMax, Buffer.poolSize));
  const base = addressOf(block);
  block.writeBigUInt64LE(base + BigInt(NAME.at), 0);
  block.writeBigUInt64LE(base + BigInt(IOVEC.at), 16);
  block.writeBigUInt64LE(1n, 24);
  block.writeBigUInt64LE(base + BigInt(CONTROL.at), 32);
  block.writeBigUInt64LE(base + BigInt(DATA_AT), IOVEC.at);
  block.writeBigUInt64LE(BigInt(bytesMax), IOVEC.at + 8);
  return block;
}

/** struct cmsghdr: length u64, level, type; its value; padded to 8. */
function controlIn(
  control: Buffer,
  filledBytes: number,
  level: number,
  type: number,
): Buffer | undefined {
  for (let at = 0; at + CONTROL_HEAD_BYTES <= filledBytes; ) {
    const length = Number(control.readBigUInt64LE(at));
    if (length < CONTROL_HEAD_BYTES) return undefined;
    if (control.readInt32LE(at + 8) === level && control.readInt32LE(at + 12) === type) {
      return control.subarray(at + CONTROL_HEAD_BYTES, at + length);
    }
    at += (length + 7) & ~7;
  }
  return undefined;
}
