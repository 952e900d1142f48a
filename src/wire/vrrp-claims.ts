// What a VRRP packet says of itself, whether any of it holds or not: for people who look for the reason why it was
// refused. Never throws, and believes nothing. The layout is in vrrp.ts.

import { formatAddress } from "../lib/ip.ts";
import { authTypeOf, intervalMsOf, versionOf } from "./vrrp.ts";

export type Claims = {
  readonly version: number;
  readonly vrid: number;
  readonly priority: number;
  readonly advertIntervalMs: number;
  /** Version 2 only; 0 in all others. */
  readonly authType: number;
  readonly addresses: readonly string[];
};

const ADDRESSES_AT = 8;

export function claimsOf(bytes: Buffer, family: 4 | 6): Claims {
  const version = versionOf(bytes);
  const size = sizeOf(family);
  const addresses: string[] = [];
  for (let i = 0; i < byteAt(bytes, 3); i += 1) {
    const at = ADDRESSES_AT + size * i;
    if (at + size > bytes.length) break;
    addresses.push(formatAddress(bytes.subarray(at, at + size)));
  }
  return {
    version,
    vrid: byteAt(bytes, 1),
    priority: byteAt(bytes, 2),
    advertIntervalMs: intervalMsOf(bytes),
    authType: version === 2 ? authTypeOf(bytes) : 0,
    addresses,
  };
}

/** Does one of the addresses end in one of these four bytes? Makes nothing: asked of every advert on the segment. */
export function mayTell(bytes: Buffer, family: 4 | 6, lastBytes: ReadonlySet<number>): boolean {
  const size = sizeOf(family);
  for (let i = 0; i < byteAt(bytes, 3); i += 1) {
    const end = ADDRESSES_AT + size * (i + 1);
    if (end > bytes.length) return false;
    if (lastBytes.has(bytes.readUInt32BE(end - 4))) return true;
  }
  return false;
}

function sizeOf(family: 4 | 6): number {
  return family === 6 ? 16 : 4;
}

function byteAt(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0;
}
