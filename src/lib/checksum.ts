// The Internet checksum. RFC 1071; the pseudo-header is RFC 2460 §8.1's idea applied by RFC 5798 §5.2.8.

/** Ones'-complement sum of `bytes` added to `sum`, not folded: sums of several parts can be chained. */
export function addToSum(sum: number, bytes: Uint8Array): number {
  let total = sum;
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  if (even < bytes.length) total += (bytes[even] ?? 0) << 8;
  return total;
}

/** The 16 bits that go into the checksum field; 0 when the bytes already carry a right checksum. */
export function finishSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}
