// Netlink messages as bytes: a growing writer and a reader of attributes. linux/netlink.h.
//
//   nlmsghdr: length u32 | type u16 | flags u16 | sequence u32 | port u32
//   nlattr:   length u16 (header included) | type u16 | value, padded to 4

import { NLMSG_HEADER_BYTES } from "./numbers.ts";

const DIGIT_0 = 48;
const NLA_F_NESTED = 0x8000;
export const NLA_TYPE_MASK = 0x3fff;

export type MessageHead = {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
};

export class MessageWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacityBytes = 4096) {
    this.#bytes = Buffer.allocUnsafe(capacityBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** What has been written; valid until the next write. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Starts anew with the room it has: what `bytes` gave is no longer valid. */
  clear(): void {
    this.#length = 0;
  }

  /** One whole netlink message; `body` writes what follows the header. */
  message(head: MessageHead, body: (writer: this) => void): void {
    const start = this.#grow(NLMSG_HEADER_BYTES);
    body(this);
    this.#putU32(start, this.#length - start);
    this.#putU16(start + 4, head.type);
    this.#putU16(start + 6, head.flags);
    this.#putU32(start + 8, head.sequence);
    this.#putU32(start + 12, 0);
    this.#pad();
  }

  /** Sets flags of a message that starts at `offset`. */
  addFlags(offset: number, flags: number): void {
    this.#bytes.writeUInt16LE(this.#bytes.readUInt16LE(offset + 6) | flags, offset + 6);
  }

  raw(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  rawBytes(...values: readonly number[]): void {
    let at = this.#grow(values.length);
    for (const value of values) {
      this.#bytes[at] = value;
      at += 1;
    }
  }

  rawU32(value: number): void {
    const at = this.#grow(4);
    this.#putU32(at, value);
  }

  rawI32(value: number): void {
    this.rawU32(value >>> 0);
  }

  /** A value shorter than `lengthBytes` is followed by zeros. */
  attribute(type: number, value: Uint8Array, lengthBytes = value.length): void {
    const at = this.#attributeHead(type, lengthBytes);
    this.#bytes.set(value, at);
    if (lengthBytes > value.length) this.#bytes.fill(0, at + value.length, at + lengthBytes);
    this.#pad();
  }

  /** An IPv4 address, which has been looked at before, followed by zeros. */
  ipv4(type: number, address: string, lengthBytes: number): void {
    let at = this.#attributeHead(type, lengthBytes);
    const end = at + lengthBytes;
    let number = 0;
    for (let i = 0; i < address.length; i += 1) {
      const digit = address.charCodeAt(i) - DIGIT_0;
      if (digit >= 0) number = number * 10 + digit;
      else {
        this.#bytes[at] = number;
        at += 1;
        number = 0;
      }
    }
    this.#bytes[at] = number;
    for (at += 1; at < end; at += 1) this.#bytes[at] = 0;
  }

  text(type: number, value: string): void {
    this.attribute(type, Buffer.from(`${value}\0`));
  }

  u8(type: number, value: number): void {
    this.#bytes[this.#attributeHead(type, 1)] = value;
    this.#pad();
  }

  u16(type: number, value: number): void {
    this.#putU16(this.#attributeHead(type, 2), value);
    this.#pad();
  }

  /** Ports and other 16 bits in network order. */
  u16be(type: number, value: number): void {
    const at = this.#attributeHead(type, 2);
    this.#bytes[at] = value >> 8;
    this.#bytes[at + 1] = value;
    this.#pad();
  }

  u32(type: number, value: number): void {
    this.#putU32(this.#attributeHead(type, 4), value);
  }

  u32be(type: number, value: number): void {
    const at = this.#attributeHead(type, 4);
    this.#bytes.writeUInt32BE(value >>> 0, at);
  }

  u64be(type: number, value: number): void {
    const at = this.#attributeHead(type, 8);
    this.#bytes.writeBigUInt64BE(BigInt(value), at);
  }

  nested(type: number, body: (writer: this) => void): void {
    const start = this.#grow(4);
    body(this);
    this.#putU16(start, this.#length - start);
    this.#putU16(start + 2, type | NLA_F_NESTED);
  }

  #attributeHead(type: number, valueBytes: number): number {
    const at = this.#grow(4 + valueBytes);
    this.#putU16(at, 4 + valueBytes);
    this.#putU16(at + 2, type);
    return at + 4;
  }

  // Without the checks that Buffer's own make each time: an array of bytes takes the low eight bits.
  #putU16(at: number, value: number): void {
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >> 8;
  }

  #putU32(at: number, value: number): void {
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >> 8;
    this.#bytes[at + 2] = value >> 16;
    this.#bytes[at + 3] = value >> 24;
  }

  #pad(): void {
    const padBytes = -this.#length & 3;
    if (padBytes === 0) return;
    const at = this.#grow(padBytes);
    this.#bytes.fill(0, at, at + padBytes);
  }

  #grow(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}

/** Attributes by type, from `offset` to the end; a repeated type keeps its last value; a bad length ends the list. */
export function readAttributes(bytes: Buffer, offset = 0): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  for (let at = offset; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > bytes.length) break;
    attributes.set(bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return attributes;
}

/** A NUL-terminated text attribute. */
export function textOf(value: Buffer | undefined): string | undefined {
  if (value === undefined) return undefined;
  const end = value.indexOf(0);
  return value.toString("utf8", 0, end === -1 ? value.length : end);
}

/** A 32-bit attribute. */
export function u32Of(value: Buffer | undefined): number | undefined {
  return value === undefined || value.length < 4 ? undefined : value.readUInt32LE(0);
}
