// Netlink messages as bytes: a growing writer and a reader of attributes. linux/netlink.h.
//
//   nlmsghdr: length u32 | type u16 | flags u16 | sequence u32 | port u32
//   nlattr:   length u16 (header included) | type u16 | value, padded to 4

import { formatIpv4 } from "../lib/ip.ts";

const HEADER_BYTES = 16;
const NLA_F_NESTED = 0x8000;
const NLA_TYPE_MASK = 0x3fff;

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
    const start = this.#grow(HEADER_BYTES);
    body(this);
    this.#bytes.writeUInt32LE(this.#length - start, start);
    this.#bytes.writeUInt16LE(head.type, start + 4);
    this.#bytes.writeUInt16LE(head.flags, start + 6);
    this.#bytes.writeUInt32LE(head.sequence >>> 0, start + 8);
    this.#bytes.writeUInt32LE(0, start + 12);
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
    const at = this.#grow(values.length);
    values.forEach((value, i) => {
      this.#bytes[at + i] = value;
    });
  }

  rawU32(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeUInt32LE(value >>> 0, at);
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

  text(type: number, value: string): void {
    this.attribute(type, Buffer.from(`${value}\0`));
  }

  u8(type: number, value: number): void {
    this.#bytes[this.#attributeHead(type, 1)] = value;
    this.#pad();
  }

  u16(type: number, value: number): void {
    const at = this.#attributeHead(type, 2);
    this.#bytes.writeUInt16LE(value, at);
    this.#pad();
  }

  /** Ports and other 16 bits in network order. */
  u16be(type: number, value: number): void {
    const at = this.#attributeHead(type, 2);
    this.#bytes.writeUInt16BE(value, at);
    this.#pad();
  }

  u32(type: number, value: number): void {
    const at = this.#attributeHead(type, 4);
    this.#bytes.writeUInt32LE(value >>> 0, at);
  }

  u32be(type: number, value: number): void {
    const at = this.#attributeHead(type, 4);
    this.#bytes.writeUInt32BE(value >>> 0, at);
  }

  nested(type: number, body: (writer: this) => void): void {
    const start = this.#grow(4);
    body(this);
    this.#bytes.writeUInt16LE(this.#length - start, start);
    this.#bytes.writeUInt16LE(type | NLA_F_NESTED, start + 2);
  }

  #attributeHead(type: number, valueBytes: number): number {
    const at = this.#grow(4 + valueBytes);
    this.#bytes.writeUInt16LE(4 + valueBytes, at);
    this.#bytes.writeUInt16LE(type, at + 2);
    return at + 4;
  }

  #pad(): void {
    const padBytes = -this.#length & 3;
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

/**
 * Attributes read where they lie, for dumps of thousands: nothing is made for each. What is missing or too short
 * reads as 0 or undefined; a bad length ends the list. Asking in the kernel's order finds each at the first look.
 */
export class AttributeReader {
  #bytes: Buffer;
  #start: number;
  #end: number;
  /** The attribute behind the one found last, and the length of that one's value. */
  #next: number;
  #length = 0;
  #inner: AttributeReader | undefined;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#next = start;
  }

  /** The same reader over other attributes. */
  over(bytes: Buffer, start: number, end: number): this {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#next = start;
    return this;
  }

  u8(type: number): number {
    const at = this.#find(type, 1);
    return at === -1 ? 0 : (this.#bytes[at] ?? 0);
  }

  u16(type: number): number {
    const at = this.#find(type, 2);
    return at === -1 ? 0 : (this.#bytes[at] ?? 0) | ((this.#bytes[at + 1] ?? 0) << 8);
  }

  u16be(type: number): number {
    const at = this.#find(type, 2);
    return at === -1 ? 0 : ((this.#bytes[at] ?? 0) << 8) | (this.#bytes[at + 1] ?? 0);
  }

  u32(type: number): number {
    const at = this.#find(type, 4);
    return at === -1 ? 0 : u32At(this.#bytes, at);
  }

  /** A number where one is exact. */
  u64(type: number): number | bigint {
    const at = this.#find(type, 8);
    if (at === -1) return 0;
    const high = u32At(this.#bytes, at + 4);
    if (high >= 2 ** 21) return this.#bytes.readBigUInt64LE(at);
    return high * 2 ** 32 + u32At(this.#bytes, at);
  }

  /** The text of the IPv4 address that the value begins with. */
  ipv4(type: number): string | undefined {
    const at = this.#find(type, 4);
    return at === -1 ? undefined : formatIpv4(this.#bytes, at);
  }

  text(type: number): string | undefined {
    return textOf(this.bytes(type));
  }

  /** The first `lengthBytes` of the value, or all of it. */
  bytes(type: number, lengthBytes = 0): Buffer | undefined {
    const at = this.#find(type, lengthBytes);
    return at === -1 ? undefined : this.#bytes.subarray(at, at + (lengthBytes || this.#length));
  }

  /** Valid until the next call of it: all that lie in one reader share one. */
  nested(type: number): AttributeReader | undefined {
    const at = this.#find(type, 0);
    if (at === -1) return undefined;
    this.#inner ??= new AttributeReader(this.#bytes);
    return this.#inner.over(this.#bytes, at, at + this.#length);
  }

  /** Where the value begins; -1 when there is none of so many bytes. */
  #find(type: number, lengthBytes: number): number {
    const asked = this.#next;
    let at = this.#search(type, asked, this.#end);
    if (at === -1 && asked !== this.#start) at = this.#search(type, this.#start, asked);
    return at === -1 || this.#length < lengthBytes ? -1 : at;
  }

  #search(type: number, from: number, to: number): number {
    const bytes = this.#bytes;
    for (let at = from; at + 4 <= to; ) {
      const length = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
      if (length < 4 || at + length > this.#end) return -1;
      const found = (bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8);
      const next = at + ((length + 3) & ~3);
      if ((found & NLA_TYPE_MASK) === type) {
        this.#length = length - 4;
        this.#next = next;
        return at + 4;
      }
      at = next;
    }
    return -1;
  }
}

/** Without the checks that Buffer's own makes each time. */
function u32At(bytes: Buffer, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return low + (bytes[at + 3] ?? 0) * 2 ** 24;
}
