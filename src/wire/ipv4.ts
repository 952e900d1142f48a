// The IPv4 header as raw sockets deliver it. RFC 791 §3.1. Options are skipped, fragments are the kernel's job.

import { formatIpv4 } from "../lib/ip.ts";

const HEADER_BYTES_MIN = 20;

/** Of either family: IPv6's come in pieces, put together by the kernel room. */
export type IpPacket = {
  /** The hop limit in IPv6. */
  readonly ttl: number;
  readonly source: string;
  readonly destination: string;
  readonly payload: Buffer;
};

/** undefined when the bytes are no whole IPv4 packet. The payload ends where the header's total length says. */
export function decodeIpv4(bytes: Buffer): IpPacket | undefined {
  if (bytes.length < HEADER_BYTES_MIN) return undefined;
  const first = bytes[0] ?? 0;
  const headerBytes = (first & 0xf) * 4;
  const totalBytes = bytes.readUInt16BE(2);
  if (first >> 4 !== 4 || headerBytes < HEADER_BYTES_MIN) return undefined;
  if (totalBytes < headerBytes || totalBytes > bytes.length) return undefined;
  return {
    ttl: bytes[8] ?? 0,
    source: formatIpv4(bytes, 12),
    destination: formatIpv4(bytes, 16),
    payload: bytes.subarray(headerBytes, totalBytes),
  };
}
