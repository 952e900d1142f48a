// The IPv6 header for frames that we write ourselves. RFC 8200 §3, §8.1. Never decodes: raw sockets of IPv6 give
// the payload alone, and the kernel tells the rest beside it.

import { addToSum, finishSum } from "../lib/checksum.ts";
import { addressBytes } from "../lib/ip.ts";

const HEADER_BYTES = 40;

/** A packet without extension headers. */
export function encodeIpv6(
  header: {
    readonly source: string;
    readonly destination: string;
    readonly nextHeader: number;
    readonly hopLimit: number;
  },
  payload: Uint8Array,
): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length);
  bytes[0] = 0x60;
  bytes.writeUInt16BE(payload.length, 4);
  bytes[6] = header.nextHeader;
  bytes[7] = header.hopLimit;
  bytes.set(addressBytes(header.source), 8);
  bytes.set(addressBytes(header.destination), 24);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** The checksum of an upper layer whose own checksum field is zero, with the pseudo-header of RFC 8200 §8.1. */
export function upperLayerChecksum(
  path: { readonly source: string; readonly destination: string; readonly nextHeader: number },
  payload: Uint8Array,
): number {
  let sum = addToSum(0, addressBytes(path.source));
  sum = addToSum(sum, addressBytes(path.destination));
  return finishSum(addToSum(sum + payload.length + path.nextHeader, payload));
}
