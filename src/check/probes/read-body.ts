// A body as far as it is of interest.

import type { Readable } from "node:stream";

/** Tells the body once: all of it, or as much as is judged. */
export function readBody(
  stream: Readable,
  maxBytes: number,
  told: { readonly heard: (lengthBytes: number) => void; readonly done: BodyDone },
): void {
  const chunks: Buffer[] = [];
  let lengthBytes = 0;
  let isDone = false;
  stream.on("data", (chunk: Buffer) => {
    if (isDone) return;
    chunks.push(chunk);
    lengthBytes += chunk.length;
    told.heard(lengthBytes);
    if (lengthBytes <= maxBytes) return;
    isDone = true;
    stream.pause();
    told.done(Buffer.concat(chunks).subarray(0, maxBytes), false);
  });
  stream.on("end", () => {
    if (isDone) return;
    isDone = true;
    told.done(Buffer.concat(chunks), true);
  });
}

type BodyDone = (body: Buffer, whole: boolean) => void;
