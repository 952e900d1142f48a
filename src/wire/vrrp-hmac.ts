// The trailer that signs a VRRP advert: bytes <-> values. keepalived >= 2.4.2 appends it and calls it auth_hmac
// (draft-cassen-vrrp-auth-hmac). What a trailer is worth (keys, time, replays) is judged in vrrp/auth-hmac.ts.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------+---------------+-------------------------------+
//   | extension = 1 |    key id     |               0               |
//   +---------------+---------------+-------------------------------+
//   |                    seconds of the wall clock                  |
//   +-------------------------------+-------------------------------+
//   |     1/65536 of a second       |            counter            |
//   +-------------------------------+-------------------------------+
//   |         first 16 bytes of an HMAC-SHA256                      |
//
// It stands behind the PDU, outside of its checksum, inside the length of the IP packet.

import { createHmac, timingSafeEqual } from "node:crypto";
import { addressBytes } from "../lib/ip.ts";

export const HMAC_TRAILER_BYTES = 28;
/** HMAC-SHA256 cut to 128 bits: the only extension there is. */
export const EXTENSION_HMAC_SHA256_128 = 1;

export type HmacTrailer = {
  readonly extension: number;
  readonly keyId: number;
  readonly reserved: number;
  /** Seconds, sub-seconds and counter as one number of 64 bits. */
  readonly sequence: bigint;
};

export type Signed = { readonly pdu: Buffer; readonly trailer: Buffer | null };

const HEAD_BYTES = 12;
const MAC_BYTES = HMAC_TRAILER_BYTES - HEAD_BYTES;
const PSEUDO_HEADER_BYTES = 20;
const VRRP_HEADER_BYTES = 8;
const V2_AUTH_BYTES = 8;
const CHECKSUM_AT = 6;

/**
 * A packet is signed when it is longer than its own header says, by exactly a trailer. undefined = it is neither that
 * long nor as long as an unsigned one. `source` tells the length of an address.
 */
export function splitTrailer(packet: Buffer, source: string): Signed | undefined {
  const [first = 0, , , count = 0] = packet;
  if (packet.length < VRRP_HEADER_BYTES) return undefined;
  const addressLength = source.includes(":") ? 16 : 4;
  const authLength = first >> 4 === 2 ? V2_AUTH_BYTES : 0;
  const pduLength = VRRP_HEADER_BYTES + addressLength * count + authLength;
  if (packet.length === pduLength) return { pdu: packet, trailer: null };
  if (packet.length !== pduLength + HMAC_TRAILER_BYTES) return undefined;
  return { pdu: packet.subarray(0, pduLength), trailer: packet.subarray(pduLength) };
}

/** undefined for anything but 28 bytes. */
export function decodeTrailer(trailer: Buffer): HmacTrailer | undefined {
  if (trailer.length !== HMAC_TRAILER_BYTES) return undefined;
  return {
    extension: trailer.readUInt8(0),
    keyId: trailer.readUInt8(1),
    reserved: trailer.readUInt16BE(2),
    sequence: trailer.readBigUInt64BE(4),
  };
}

/** The whole packet: `pdu` and its trailer. */
export function signPdu(
  pdu: Buffer,
  how: {
    readonly source: string;
    readonly keyId: number;
    readonly key: Uint8Array;
    readonly sequence: bigint;
  },
): Buffer {
  const packet = Buffer.alloc(pdu.length + HMAC_TRAILER_BYTES);
  pdu.copy(packet);
  const trailer = packet.subarray(pdu.length);
  trailer.writeUInt8(EXTENSION_HMAC_SHA256_128, 0);
  trailer.writeUInt8(how.keyId, 1);
  trailer.writeBigUInt64BE(how.sequence, 4);
  macOf(pdu, trailer, how).copy(trailer, HEAD_BYTES);
  return packet;
}

/** Takes the same time wherever the difference is. */
export function macIsRight(
  { pdu, trailer }: { readonly pdu: Buffer; readonly trailer: Buffer },
  how: { readonly source: string; readonly key: Uint8Array },
): boolean {
  if (trailer.length !== HMAC_TRAILER_BYTES) return false;
  return timingSafeEqual(macOf(pdu, trailer, how), trailer.subarray(HEAD_BYTES));
}

/** Signed are: where it comes from, the PDU without its checksum, the head of the trailer. Not signed: where it goes. */
function macOf(
  pdu: Buffer,
  trailer: Buffer,
  { source, key }: { readonly source: string; readonly key: Uint8Array },
): Buffer {
  const input = Buffer.alloc(PSEUDO_HEADER_BYTES + pdu.length + HMAC_TRAILER_BYTES);
  const address = addressBytes(source);
  const [first = 0, vrid = 0] = pdu;
  input.set([address.length === 4 ? 4 : 6, first >> 4, vrid, 0], 0);
  input.set(address, 4);
  input.set(pdu, PSEUDO_HEADER_BYTES);
  input.fill(0, PSEUDO_HEADER_BYTES + CHECKSUM_AT, PSEUDO_HEADER_BYTES + CHECKSUM_AT + 2);
  // The place of the HMAC itself stays zero.
  input.set(trailer.subarray(0, HEAD_BYTES), PSEUDO_HEADER_BYTES + pdu.length);
  return createHmac("sha256", key).update(input).digest().subarray(0, MAC_BYTES);
}
