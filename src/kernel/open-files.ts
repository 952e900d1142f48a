// How many descriptors this process may have open. getrlimit(2).

import { setrlimit } from "./ffi.ts";

const RLIMIT_NOFILE = 7;

/** As many, where the system lets it; its limit stays otherwise. */
export function allowOpenFiles(count: number): void {
  const limit = Buffer.alloc(16); // struct rlimit: soft, hard
  limit.writeBigUInt64LE(BigInt(count), 0);
  limit.writeBigUInt64LE(BigInt(count), 8);
  setrlimit(RLIMIT_NOFILE, limit);
}
