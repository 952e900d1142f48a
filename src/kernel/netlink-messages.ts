// How netlink messages lie in a datagram, and what the kernel says in the one that refuses. Bytes only. linux/netlink.h.

import { readAttributes, textOf, u32Of } from "./attributes.ts";
import { KernelError } from "./errors.ts";
import { NLMSG_HEADER_BYTES } from "./numbers.ts";

const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
export const NLMSG_ERROR = 2;
const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;

export type NetlinkMessage = {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** nlmsg_pid: the port of the socket that asked for what is told; 0 = not asked for by netlink. */
  readonly portId: number;
  readonly body: Buffer;
};

export function* messagesOf(bytes: Buffer): Generator<NetlinkMessage> {
  for (let at = 0, end = 0; (end = endOfMessage(bytes, at)) !== -1; at = (end + 3) & ~3) {
    yield messageAt(bytes, at, end);
  }
}

/** Where the message at `at` ends; -1 when there is no whole one. */
export function endOfMessage(bytes: Buffer, at: number): number {
  if (at + NLMSG_HEADER_BYTES > bytes.length) return -1;
  const length = bytes.readUInt32LE(at);
  return length < NLMSG_HEADER_BYTES || at + length > bytes.length ? -1 : at + length;
}

export function messageAt(bytes: Buffer, at: number, end: number): NetlinkMessage {
  return {
    type: bytes.readUInt16LE(at + 4),
    flags: bytes.readUInt16LE(at + 6),
    sequence: bytes.readUInt32LE(at + 8),
    portId: bytes.readUInt32LE(at + 12),
    body: bytes.subarray(at + NLMSG_HEADER_BYTES, end),
  };
}

/** One that outlives the datagram. */
export function copyAt(bytes: Buffer, at: number, end: number): NetlinkMessage {
  const message = messageAt(bytes, at, end);
  return { ...message, body: Buffer.from(message.body) };
}

/** NLMSG_ERROR and NLMSG_DONE both start with a negative errno, 0 = success. */
export function errorOf(subject: string, message: NetlinkMessage): KernelError | undefined {
  const number = message.body.length < 4 ? 0 : message.body.readInt32LE(0);
  if (number >= 0) return undefined;
  return new KernelError(subject, -number, explanation(message));
}

function explanation({ type, flags, body }: NetlinkMessage): string | undefined {
  if (type !== NLMSG_ERROR || (flags & NLM_F_ACK_TLVS) === 0) return undefined;
  const echoedBytes = (flags & NLM_F_CAPPED) === 0 ? body.readUInt32LE(4) : 16;
  const attributes = readAttributes(body, (4 + echoedBytes + 3) & ~3);
  const text = textOf(attributes.get(NLMSGERR_ATTR_MSG));
  const offset = u32Of(attributes.get(NLMSGERR_ATTR_OFFS));
  return text ?? (offset === undefined ? undefined : `at byte ${offset} of the request`);
}
