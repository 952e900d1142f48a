// Calls back when a descriptor can be read. Every pitfall of koffi's poll is handled here, once.

import koffi from "koffi";
import { getsockopt, int32 } from "./ffi.ts";
import { SO_ERROR, SOL_SOCKET } from "./numbers.ts";

type PollHandle = ReturnType<typeof koffi.node.poll>;

export type Watch = {
  readonly close: () => void;
  /** It alone keeps no process alive. */
  readonly unref: () => void;
};

/** Handles that are not referenced are closed by the garbage collector without a word. */
const alive = new Set<PollHandle>();

let wake = (): void => {};

/** `look` runs before every callback, and every alarm: there it is seen first that this process did not run for a while. */
export function onWake(look: () => void): void {
  wake = look;
}

/** Before the next thing of several that one callback does. */
export function lookAgain(): void {
  wake();
}

const packets = new Set<() => void>();

/** As watch(), for a socket of packets that hearAll() reads too. `onReadable` reads until nothing is left. */
export function watchPackets(fd: number, onReadable: () => void): Watch {
  const watching = watch(fd, onReadable);
  packets.add(onReadable);
  return {
    close() {
      packets.delete(onReadable);
      watching.close();
    },
    unref: watching.unref,
  };
}

/** What has arrived is heard now: before somebody acts on what he has not heard. */
export function hearAll(): void {
  for (const read of packets) read();
}

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
      wake();
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
    unref: () => handle.unref(),
  };
}

function pendingError(fd: number): number {
  const value = int32(0);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, value, int32(value.length));
  return value.readInt32LE(0);
}
