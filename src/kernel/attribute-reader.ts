// Attributes of a netlink message, read where they lie. linux/netlink.h; how they lie is in attributes.ts.

import { formatIpv4 } from "../lib/ip.ts";
import { NLA_TYPE_MASK, textOf } from "./attributes.ts";

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
