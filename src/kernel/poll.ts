// Calls back when a descriptor can be read. Every pitfall of koffi's poll is handled here, once.

import koffi from "koffi";
import { getsockopt, int32 } from "./ffi.ts";

const SOL_SOCKET = 1;
const SO_ERROR = 4;

type PollHandle = ReturnType<typeof koffi.node.poll>;

export type Watch = { readonly close: () => void };

/** Handles that are not referenced are closed by the garbage collector without a word. */
const alive = new Set<PollHandle>();

/**
 * `onReadable` runs whenever `fd` can be read (level-triggered); `onError` gets the errno that was pending
 * on the socket: overrun (ENOBUFS), interface down (ENETDOWN). Close the watch before the descriptor; one
 * watch a descriptor (a second one aborts the process).
 */
export function watch(
  fd: number,
  onReadable: () => void,
  onError: (errno: number) => void = () => {},
): Watch {
  // The callback really gets (status, events), although koffi's types say (events).
  const callback = ((status: number) => {
    try {
      if (status < 0) {
        // libuv stops polling on EPOLLERR: take the error off the socket and start again.
        const pending = pendingError(fd);
        handle.start({ readable: true }, callback);
        onError(pending);
      }
      onReadable();
    } catch (error) {
      // An exception left in this callback would surface in some later, unrelated native call.
      setImmediate(() => {
        throw error;
      });
    }
  }) as unknown as (events: unknown) => void;
  const handle = koffi.node.poll(fd, { readable: true }, callback);
  alive.add(handle);
  return {
    close() {
      alive.delete(handle);
      handle.close();
    },
  };
}

function pendingError(fd: number): number {
  const value = int32(0);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, value, int32(value.length));
  return value.readInt32LE(0);
}
