// Every libc function duet calls, declared once and typed. Structs are plain Buffers.
//
// koffi checks no argument against C: a JS number given for a pointer is taken as an address, and a Buffer
// that is too small for an out-parameter corrupts memory. So nothing outside src/kernel/ imports this file,
// and lengths are always taken from the Buffer itself.

import { endianness } from "node:os";
import koffi from "koffi";
import { KernelError } from "./errors.ts";

if (endianness() !== "LE" || koffi.sizeof("void *") !== 8) {
  throw new Error("Cannot run here: duet needs a 64-bit little-endian machine");
}

type Bytes = Uint8Array | null;

const libc = koffi.load("libc.so.6");

export const socket = declare<(domain: number, type: number, protocol: number) => number>(
  "int socket(int, int, int)",
);
export const close = declare<(fd: number) => number>("int close(int)");
export const bind = declare<(fd: number, address: Uint8Array, length: number) => number>(
  "int bind(int, const void *, uint32_t)",
);
export const connect = declare<(fd: number, address: Uint8Array, length: number) => number>(
  "int connect(int, const void *, uint32_t)",
);
export const setsockopt = declare<
  (fd: number, level: number, name: number, value: Uint8Array, length: number) => number
>("int setsockopt(int, int, int, const void *, uint32_t)");
export const getsockopt = declare<
  (fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array) => number
>("int getsockopt(int, int, int, void *, void *)");
export const send = declare<
  (fd: number, bytes: Uint8Array, length: number, flags: number) => number
>("long send(int, const void *, size_t, int)");
export const sendto = declare<
  (
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ) => number
>("long sendto(int, const void *, size_t, int, const void *, uint32_t)");
export const recv = declare<
  (fd: number, bytes: Uint8Array, length: number, flags: number) => number
>("long recv(int, void *, size_t, int)");
export const recvfrom = declare<
  (
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: Uint8Array,
  ) => number
>("long recvfrom(int, void *, size_t, int, void *, void *)");
/** `message` is a struct msghdr whose pointers were made by addressOf(). */
export const recvmsg = declare<(fd: number, message: Uint8Array, flags: number) => number>(
  "long recvmsg(int, void *, int)",
);
export const read = declare<(fd: number, bytes: Uint8Array, length: number) => number>(
  "long read(int, void *, size_t)",
);
export const ifNameToIndex = declare<(name: string) => number>(
  "uint32_t if_nametoindex(const char *)",
);
export const timerfdCreate = declare<(clock: number, flags: number) => number>(
  "int timerfd_create(int, int)",
);
export const timerfdSettime = declare<
  (fd: number, flags: number, value: Uint8Array, old: Bytes) => number
>("int timerfd_settime(int, int, const void *, void *)");
export const epollCreate1 = declare<(flags: number) => number>("int epoll_create1(int)");
export const epollCtl = declare<
  (epoll: number, operation: number, fd: number, event: Uint8Array) => number
>("int epoll_ctl(int, int, int, void *)");
export const epollWait = declare<
  (epoll: number, events: Uint8Array, eventsMax: number, timeoutMs: number) => number
>("int epoll_wait(int, void *, int, int)");
export const inotifyInit1 = declare<(flags: number) => number>("int inotify_init1(int)");
export const inotifyAddWatch = declare<(fd: number, path: string, mask: number) => number>(
  "int inotify_add_watch(int, const char *, uint32_t)",
);
export const inotifyRmWatch = declare<(fd: number, watch: number) => number>(
  "int inotify_rm_watch(int, int)",
);
export const schedSetscheduler = declare<
  (pid: number, policy: number, parameter: Uint8Array) => number
>("int sched_setscheduler(int, int, const void *)");
export const schedSetaffinity = declare<(pid: number, length: number, mask: Uint8Array) => number>(
  "int sched_setaffinity(int, size_t, const void *)",
);
export const setrlimit = declare<(resource: number, limit: Uint8Array) => number>(
  "int setrlimit(int, const void *)",
);
export const flock = declare<(fd: number, operation: number) => number>("int flock(int, int)");
export const unshare = declare<(flags: number) => number>("int unshare(int)");

/** send() on another thread; `done` gets its result on this one. The bytes must not change until then. */
export function sendBeside(fd: number, bytes: Uint8Array, done: (result: number) => void): void {
  const call = send as unknown as {
    readonly async: (
      fd: number,
      bytes: Uint8Array,
      length: number,
      flags: number,
      done: (error: unknown, result: number) => void,
    ) => void;
  };
  call.async(fd, bytes, bytes.length, 0, (error, result) => done(error === null ? result : -1));
}

/** The errno of the call made just before. */
export function errno(): number {
  return koffi.errno();
}

/** `result`, or a KernelError when it is negative. */
export function check(call: string, result: number): number {
  if (result < 0) throw new KernelError(call, koffi.errno());
  return result;
}

/** setsockopt with an int or with bytes. */
export function setOption(
  fd: number,
  option: { readonly name: string; readonly level: number; readonly number: number },
  value: number | Uint8Array,
): void {
  const bytes = typeof value === "number" ? int32(value) : value;
  check(
    `setsockopt ${option.name}`,
    setsockopt(fd, option.level, option.number, bytes, bytes.length),
  );
}

/** Where the bytes are. Only for more than 64 of them, kept referenced: V8 moves smaller ones. */
export function addressOf(bytes: Buffer): bigint {
  return koffi.address(bytes);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** A function of libc, by its prototype; only in this room, see above. */
export function declare<F>(signature: string): F {
  // koffi wants names in prototypes only for documentation; the cast is the one place where C meets types.
  return libc.func(signature) as unknown as F;
}
