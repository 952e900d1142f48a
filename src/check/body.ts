// The body of an answer over HTTP, as it comes: its beginning is kept, and where it is wanted a digest is made of all of it.

import { createHash } from "node:crypto";

export type ReadBody = {
  /** Its beginning, as long as it is judged at most. */
  readonly body: Buffer;
  /** What was read of it. */
  readonly bodyBytes: number;
  /** MD5 of all of it; null = not wanted, or there was more. */
  readonly md5: string | null;
};

export type BodyReader = {
  /** False: no more is wanted. */
  readonly add: (part: Buffer) => boolean;
  readonly lengthBytes: () => number;
  readonly read: (whole: boolean) => ReadBody;
};

/** What a digest is made of: a server may send for ever. */
export const DIGEST_MAX_BYTES: number = 64 * 1024 * 1024;

export function bodyReader(keptMaxBytes: number, wantsDigest: boolean): BodyReader {
  const hash = wantsDigest ? createHash("md5") : undefined;
  const maxBytes = wantsDigest ? Math.max(keptMaxBytes, DIGEST_MAX_BYTES) : keptMaxBytes;
  const kept: Buffer[] = [];
  let lengthBytes = 0;
  return {
    add(part) {
      // The bytes are the stream's, for the next ones.
      const room = Math.max(0, keptMaxBytes - lengthBytes);
      if (room > 0 && part.length > 0) kept.push(Buffer.from(part.subarray(0, room)));
      hash?.update(part);
      lengthBytes += part.length;
      return lengthBytes <= maxBytes;
    },
    lengthBytes: () => lengthBytes,
    read: (whole) => ({
      body: kept.length === 1 && kept[0] ? kept[0] : Buffer.concat(kept),
      bodyBytes: lengthBytes,
      md5: whole && hash !== undefined ? hash.digest("hex") : null,
    }),
  };
}
