// Listening on a Unix stream socket that only its owner may use.

import { lstatSync, unlinkSync } from "node:fs";
import type { Server } from "node:net";

/** sun_path of include/uapi/linux/un.h holds 108 bytes, the ending zero included. */
const PATH_MAX_BYTES = 107;

/** Mode 0600 from the first moment. A socket file left behind is replaced: the run directory's lock is held by us. */
export async function listenOnPath(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > PATH_MAX_BYTES) {
    throw new Error(
      `Cannot listen on "${path}": a socket path may have ${PATH_MAX_BYTES} bytes, choose a shorter run directory`,
    );
  }
  removeStaleSocket(path);
  const listening = new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", (cause) => reject(new Error(`Cannot listen on "${path}"`, { cause })));
  });
  // The bind happens inside listen(), so the mask is in force for this socket alone.
  const mask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  await listening;
}

/** Anything that is not a socket stays, and listen() then fails. */
function removeStaleSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) unlinkSync(path);
}
