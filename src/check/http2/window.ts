// What may be sent of the body of a request, as the server's windows allow. RFC 9113 section 5.2. Pure.

import { FLAG, FRAME, FRAME_MAX_BYTES, frame } from "./frames.ts";

export type SendWindow = {
  /** SETTINGS_INITIAL_WINDOW_SIZE is another one; what was sent counts against it. */
  readonly begins: (sizeBytes: number) => void;
  /** What is wrong with it, if anything. */
  readonly grows: (stream: number, byBytes: number) => string | undefined;
  /** The frames that may go now. */
  readonly ready: () => readonly Buffer[];
};

const INITIAL_BYTES = 65_535;
const WINDOW_MAX = 2 ** 31 - 1;

export function sendWindow(stream: number, body: Buffer | null): SendWindow {
  let left = body;
  let initialBytes = INITIAL_BYTES;
  let streamBytes = INITIAL_BYTES;
  let connectionBytes = INITIAL_BYTES;
  return {
    begins(sizeBytes) {
      streamBytes += sizeBytes - initialBytes;
      initialBytes = sizeBytes;
    },
    grows(of, byBytes) {
      if (byBytes === 0) return "a WINDOW_UPDATE of nothing";
      if (of === 0) connectionBytes += byBytes;
      else streamBytes += byBytes;
      const isTooLarge = streamBytes > WINDOW_MAX || connectionBytes > WINDOW_MAX;
      return isTooLarge ? "a window that is too large" : undefined;
    },
    ready() {
      const frames: Buffer[] = [];
      while (left !== null) {
        const roomBytes = Math.min(streamBytes, connectionBytes, FRAME_MAX_BYTES);
        if (roomBytes <= 0 && left.length > 0) return frames;
        const part = left.subarray(0, roomBytes);
        streamBytes -= part.length;
        connectionBytes -= part.length;
        left = part.length === left.length ? null : left.subarray(part.length);
        frames.push(frame(FRAME.data, left === null ? FLAG.endStream : 0, stream, part));
      }
      return frames;
    },
  };
}
