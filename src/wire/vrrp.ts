// VRRP advertisements: bytes <-> values. RFC 5798 §5 (version 3), RFC 3768 §5 (version 2, IPv4 only).
// The family is the one of the path. Version 2 authentication is told by its type, not verified here.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-------+---------------+---------------+---------------+
//   |version| type  |     vrid      |   priority    | address count |
//   +-------+-------+---------------+---------------+---------------+
//   | v2: auth type | v2: advert s  |           checksum            |
//   | v3: 0 | advert interval in cs |                               |
//   +---------------+---------------+-------------------------------+
//   | addresses, then in version 2 eight bytes of authentication    |

import { addToSum, finishSum } from "../lib/checksum.ts";
import { addressBytes, formatAddress, ipv4Number } from "../lib/ip.ts";

export const IPPROTO_VRRP = 112;
/** RFC 5798 §5.1.1.2. */
export const VRRP_GROUP_IPV4 = "224.0.0.18";
/** RFC 5798 §5.1.2.2. */
export const VRRP_GROUP_IPV6 = "ff02::12";

export function groupOfFamily(family: 4 | 6): string {
  return family === 6 ? VRRP_GROUP_IPV6 : VRRP_GROUP_IPV4;
}

/** RFC 5798 §5.1.1.3 and §5.1.2.3: anything else has crossed a router. */
export const VRRP_TTL = 255;

export type Advert = {
  readonly version: 2 | 3;
  readonly vrid: number;
  readonly priority: number;
  readonly advertIntervalMs: number;
  readonly addresses: readonly string[];
  /** Version 2: 0 = none, 1 = simple password, 2 = IP authentication header. Version 3: 0. */
  readonly authType: number;
};

export type DecodeReason = "length" | "version" | "type" | "checksum";

export type DecodeRefusal = { readonly ok: false; readonly reason: DecodeReason };

export type DecodeResult =
  | { readonly ok: true; readonly advert: Advert; readonly sum: SumForm }
  | DecodeRefusal;

/**
 * What the checksum counts beside the bytes of the advert. RFC 5798 §5.2.8 is read as a pseudo-header in IPv4 too; RFC 9568
 * §5.2.8 has none there, as version 2. "either": the pseudo-header of this path adds up to nothing.
 */
export type SumForm = "bytes" | "pseudo-header" | "either";

const REFUSED: Readonly<Record<DecodeReason, DecodeRefusal>> = {
  length: refusalOf("length"),
  version: refusalOf("version"),
  type: refusalOf("type"),
  checksum: refusalOf("checksum"),
};

export type Path = { readonly source: string; readonly destination: string };

const HEADER_BYTES = 8;
const V2_AUTH_BYTES = 8;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const TYPE_ADVERTISEMENT = 1;
const CHECKSUM_AT = 6;
/** RFC 5798 §5.2.7: 12 bits of centiseconds. */
export const V3_INTERVAL_CS_MAX = 0xfff;

export type EncodeOptions = {
  /** Version 2: up to eight bytes, which count in its checksum. */
  readonly authData?: Uint8Array;
  /** Version 3 over IPv4: the checksum is that of the bytes alone (RFC 9568), without the path. */
  readonly checksumAsV2?: boolean;
};

/** The bytes after the IP header. `path` counts in version 3's checksum (RFC 5798 §5.2.8). */
export function encodeAdvert(
  advert: Advert,
  path: Path,
  { authData, checksumAsV2 = false }: EncodeOptions = {},
): Buffer {
  const count = advert.addresses.length;
  const size = addressSize(path);
  const authBytes = advert.version === 2 ? V2_AUTH_BYTES : 0;
  const bytes = Buffer.alloc(HEADER_BYTES + size * count + authBytes);
  bytes[0] = (advert.version << 4) | TYPE_ADVERTISEMENT;
  bytes[1] = advert.vrid;
  bytes[2] = advert.priority;
  bytes[3] = count;
  if (advert.version === 2) {
    bytes[4] = advert.authType;
    bytes[5] = advert.advertIntervalMs / 1000;
  } else {
    bytes.writeUInt16BE(Math.round(advert.advertIntervalMs / 10) & V3_INTERVAL_CS_MAX, 4);
  }
  advert.addresses.forEach((address, i) => {
    bytes.set(addressBytes(address), HEADER_BYTES + size * i);
  });
  if (authBytes > 0 && authData !== undefined) bytes.set(authData, bytes.length - authBytes);
  const asV2 = advert.version === 2 || (checksumAsV2 && size === IPV4_BYTES);
  const sum = addToSum(asV2 ? 0 : pseudoSum(path, bytes.length), bytes);
  bytes.writeUInt16BE(finishSum(sum), CHECKSUM_AT);
  return bytes;
}

export function decodeAdvert(bytes: Buffer, path: Path): DecodeResult {
  const sum = checkAdvert(bytes, path);
  return typeof sum === "object" ? sum : { ok: true, sum, advert: readAdvert(bytes, path) };
}

/**
 * Never throws, whatever the bytes, and makes nothing. Longer than needed is accepted in version 2 only as far as RFC 3768 lays it
 * out. Of version 3 over IPv4 both forms of the checksum are right ones, and one of them it must be.
 */
export function checkAdvert(bytes: Buffer, path: Path): SumForm | DecodeRefusal {
  if (bytes.length < HEADER_BYTES) return REFUSED.length;
  const version = versionOf(bytes);
  if (version !== 2 && version !== 3) return REFUSED.version;
  const size = addressSize(path);
  if (version === 2 && size !== IPV4_BYTES) return REFUSED.version;
  const authBytes = version === 2 ? V2_AUTH_BYTES : 0;
  if (bytes.length !== HEADER_BYTES + size * byteAt(bytes, 3) + authBytes) return REFUSED.length;
  const sum = sumFormOf(bytes, path, version === 2, size);
  if (sum === undefined) return REFUSED.checksum;
  return (byteAt(bytes, 0) & 0xf) === TYPE_ADVERTISEMENT ? sum : REFUSED.type;
}

/** What checkAdvert() let pass. */
export function readAdvert(bytes: Buffer, path: Path): Advert {
  const version = versionOf(bytes) === 2 ? 2 : 3;
  const size = addressSize(path);
  const addresses: string[] = [];
  for (let i = 0; i < byteAt(bytes, 3); i += 1) {
    const at = HEADER_BYTES + size * i;
    addresses.push(formatAddress(bytes.subarray(at, at + size)));
  }
  return {
    version,
    vrid: byteAt(bytes, 1),
    priority: byteAt(bytes, 2),
    advertIntervalMs: intervalMsOf(bytes),
    addresses,
    authType: version === 2 ? authTypeOf(bytes) : 0,
  };
}

export function versionOf(bytes: Buffer): number {
  return byteAt(bytes, 0) >> 4;
}

export function intervalMsOf(bytes: Buffer): number {
  if (versionOf(bytes) === 2) return byteAt(bytes, 5) * 1000;
  return (((byteAt(bytes, 4) << 8) | byteAt(bytes, 5)) & V3_INTERVAL_CS_MAX) * 10;
}

/** Of version 2. */
export function authTypeOf(bytes: Buffer): number {
  return byteAt(bytes, 4);
}

/** RFC 2338 §5.3.10: the last eight bytes of a version 2 advert that could be decoded. */
export function authDataOf(bytes: Buffer): Buffer {
  return bytes.subarray(-V2_AUTH_BYTES);
}

/** Which virtual router a packet claims to be for, before anything else of it is believed. */
export function claimedVrid(bytes: Buffer): number | undefined {
  return bytes[1];
}

/** undefined = neither is right. */
function sumFormOf(
  bytes: Buffer,
  path: Path,
  isVersion2: boolean,
  size: number,
): SumForm | undefined {
  const sum = addToSum(0, bytes);
  const alone = size === IPV4_BYTES && finishSum(sum) === 0;
  // RFC 3768 §5.3.8: no pseudo-header; the authentication data counts (zeros where there is none).
  if (isVersion2) return alone ? "bytes" : undefined;
  const whole = finishSum(sum + pseudoSum(path, bytes.length)) === 0;
  if (alone) return whole ? "either" : "bytes";
  return whole ? "pseudo-header" : undefined;
}

/** RFC 5798 §5.2.8, RFC 8200 §8.1: source, destination, zero, next header, upper-layer length. */
function pseudoSum({ source, destination }: Path, lengthBytes: number): number {
  return addressSum(source) + addressSum(destination) + IPPROTO_VRRP + lengthBytes;
}

function addressSum(address: string): number {
  if (address.includes(":")) return addToSum(0, addressBytes(address));
  const number = ipv4Number(address);
  return Math.floor(number / 0x10000) + (number & 0xffff);
}

function addressSize({ source }: Path): number {
  return source.includes(":") ? IPV6_BYTES : IPV4_BYTES;
}

function byteAt(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0;
}

function refusalOf(reason: DecodeReason): DecodeRefusal {
  return { ok: false, reason };
}
