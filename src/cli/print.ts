// What a command says at length, straight to standard output: the streams that Node makes for it cost more than a table.

import { writeSync } from "node:fs";

const STDOUT = 1;
const PIECE_BYTES = 256 << 10;
const UTF8_BYTES_MAX = 3;

/** In large pieces. When nobody reads any more, that is no error. */
export function print(parts: Iterable<string>): void {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let length = 0;
  for (const part of parts) {
    if (length + part.length * UTF8_BYTES_MAX > piece.length) {
      write(piece.subarray(0, length));
      length = 0;
    }
    if (part.length * UTF8_BYTES_MAX > piece.length) write(Buffer.from(part));
    else length += piece.write(part, length);
  }
  write(piece.subarray(0, length));
}

/** Once the stream has something to write, nothing may overtake it. */
let isHandedOver = false;

function write(bytes: Buffer): void {
  let at = 0;
  try {
    while (!isHandedOver && at < bytes.length) at += writeSync(STDOUT, bytes, at);
    if (at === bytes.length) return;
  } catch {
    // A stream waits for the reader of a full pipe that does not block, and takes no offence at one that is gone.
    isHandedOver = true;
    process.stdout.on("error", () => {});
  }
  process.stdout.write(Buffer.from(bytes.subarray(at)));
}
