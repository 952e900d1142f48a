// TCP connections by the thousand: non-blocking sockets on one epoll descriptor, which wakes the loop of Node.
// A socket of node:net costs some 100 us and kilobytes; this one costs its system calls. tcp(7), epoll(7).

import { openFrom, type SocketSource } from "./client-socket.ts";
import { errnoName, KernelError } from "./errors.ts";
import {
  check,
  close,
  connect,
  epollCreate1,
  epollCtl,
  epollWait,
  errno,
  getsockopt,
  int32,
  recv,
  send,
  setsockopt,
} from "./ffi.ts";
import { EAGAIN, EINTR, SO_ERROR, SO_LINGER, SOCK_STREAM, SOL_SOCKET } from "./numbers.ts";
import { watch } from "./poll.ts";
import { writeSocketAddress } from "./socket-address.ts";

/** None of them may throw; after the end of the stream none is called. */
export type TcpEvents = {
  readonly onConnected: () => void;
  /** Only valid during the call. */
  readonly onBytes: (bytes: Buffer) => void;
  /** The connection is of no use any more: the name of an errno, or null when the peer has said all. Close it. */
  readonly onLost: (code: string | null) => void;
};

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 0x1;
const EPOLLOUT = 0x4;
const EPOLLERR = 0x8;
const EPOLLHUP = 0x10;
const EPOLLRDHUP = 0x2000;
const EPOLLET = 0x80000000;
const INTEREST = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
const READABLE = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
const FAILED = EPOLLERR | EPOLLHUP;
/** struct epoll_event is packed on x86-64 only. */
const EVENT = process.arch === "x64" ? { bytes: 12, data: 4 } : { bytes: 16, data: 8 };
const EVENTS_A_TURN_MAX = 256;

const EINPROGRESS = 115;
const MSG_NOSIGNAL = 0x4000;
/** On, and for 0 seconds: close() resets. */
const LINGER_NOT = Buffer.from("0100000000000000", "hex");
const READ_BYTES = 64 * 1024;
/** So much of a turn of the loop is for one connection: a server that sends faster than it is judged would stop the clock. */
const READS_A_TURN_MAX = 4;

// One of each for the whole process: everything here happens within one turn of the loop.
const heard = Buffer.alloc(READ_BYTES);
const place = Buffer.alloc(28);
const interest = Buffer.alloc(EVENT.bytes);
const events = Buffer.alloc(EVENT.bytes * EVENTS_A_TURN_MAX);
/** By descriptor. Not a Map: one that fills and empties all the time keeps the garbage collector busy. */
const streams: (TcpStream | undefined)[] = [];
let lastSerial = 0;
let epoll: number | undefined;

/**
 * Connecting: onConnected or onLost follows, and onLost comes at once when nothing can be sent there. Throws KernelError
 * when its source cannot be used.
 */
export function openTcpStream(
  to: { readonly address: string; readonly port: number; readonly source: SocketSource | null },
  told: TcpEvents,
): TcpStream | undefined {
  const { address, port, source } = to;
  const family = address.includes(":") ? 6 : 4;
  const length = writeSocketAddress(place, address, port);
  const fd = openFrom(source, family, SOCK_STREAM);
  let code = 0;
  while (connect(fd, place, length) < 0) {
    code = errno();
    if (code !== EINTR) break;
  }
  if (code !== 0 && code !== EINTR && code !== EINPROGRESS) {
    close(fd);
    told.onLost(errnoName(code));
    return undefined;
  }
  return new TcpStream(fd, told);
}

export class TcpStream {
  readonly #told: TcpEvents;
  /** Descriptors come again within the events of one wake-up; this does not. */
  readonly serial: number;
  #fd: number;
  #isConnected = false;
  #isPaused = false;
  /** What the kernel has not taken yet, and who is to know that it has. */
  #unsent: Uint8Array | undefined;
  #onSent: (() => void) | undefined;

  constructor(fd: number, told: TcpEvents) {
    this.#fd = fd;
    this.#told = told;
    lastSerial = (lastSerial + 1) >>> 0;
    this.serial = lastSerial;
    interest.writeUInt32LE(INTEREST >>> 0, 0);
    interest.writeUInt32LE(fd, EVENT.data);
    interest.writeUInt32LE(lastSerial, EVENT.data + 4);
    if (epollCtl(epollDescriptor(), EPOLL_CTL_ADD, fd, interest) < 0) {
      const code = errno();
      close(fd);
      throw new KernelError("epoll_ctl", code);
    }
    streams[fd] = this;
  }

  /** Of a connected stream. The bytes must not change until the kernel took them, all that were written so far. */
  write(bytes: Uint8Array, onSent?: () => void): void {
    this.#unsent = this.#unsent === undefined ? bytes : Buffer.concat([this.#unsent, bytes]);
    this.#onSent = onSent;
    this.#flush();
  }

  /** Nothing is read until resume(). */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#read(READABLE);
  }

  /** "reset" leaves no TIME_WAIT behind; "plain" looks better in the log of a server whose answer was whole. */
  close(how: "plain" | "reset"): void {
    if (this.#fd < 0) return;
    streams[this.#fd] = undefined;
    if (how === "reset" && this.#isConnected) {
      setsockopt(this.#fd, SOL_SOCKET, SO_LINGER.number, LINGER_NOT, LINGER_NOT.length);
    }
    close(this.#fd);
    this.#fd = -1;
  }

  ready(mask: number): void {
    if (!this.#isConnected) {
      const code = (mask & FAILED) === 0 ? 0 : pendingError(this.#fd);
      if (code !== 0) return this.#told.onLost(errnoName(code));
      if ((mask & EPOLLOUT) === 0) return;
      this.#isConnected = true;
      this.#told.onConnected();
    } else if ((mask & EPOLLOUT) !== 0) this.#flush();
    if ((mask & READABLE) !== 0) this.#read(mask);
  }

  #flush(): void {
    while (this.#fd >= 0 && this.#unsent !== undefined) {
      const sent = send(this.#fd, this.#unsent, this.#unsent.length, MSG_NOSIGNAL);
      if (sent < 0) {
        const code = errno();
        if (code === EINTR) continue;
        // Another error is also what the next read says.
        return;
      }
      if (sent < this.#unsent.length) {
        this.#unsent = this.#unsent.subarray(sent);
        continue;
      }
      this.#unsent = undefined;
      this.#onSent?.();
    }
  }

  /** Edge-triggered: until nothing is left, or the stream is closed by who hears it. */
  #read(mask: number): void {
    for (let reads = 0; this.#fd >= 0 && !this.#isPaused; reads += 1) {
      if (reads === READS_A_TURN_MAX) {
        setImmediate(() => this.#read(mask));
        return;
      }
      const length = recv(this.#fd, heard, READ_BYTES, 0);
      if (length > 0) {
        this.#told.onBytes(heard.subarray(0, length));
        // Less than was asked for is all there is, unless an end stands behind it.
        if (length < READ_BYTES && (mask & ~EPOLLIN & READABLE) === 0) return;
        continue;
      }
      const code = length === 0 ? 0 : errno();
      if (code === EINTR) continue;
      if (code === EAGAIN) return;
      return this.#told.onLost(code === 0 ? null : errnoName(code));
    }
  }
}

function epollDescriptor(): number {
  if (epoll !== undefined) return epoll;
  epoll = check("epoll_create1", epollCreate1(EPOLL_CLOEXEC));
  // Nobody waits for a connection without a time limit, and that keeps the process alive.
  watch(epoll, hearStreams).unref();
  return epoll;
}

/** What has arrived is heard now, of each stream once: before somebody judges what he has not heard. */
export function hearStreams(): void {
  if (epoll === undefined) return;
  for (let left = streams.length; left > 0; left -= EVENTS_A_TURN_MAX) {
    const count = epollWait(epoll, events, EVENTS_A_TURN_MAX, 0);
    for (let i = 0; i < count; i += 1) tell(i * EVENT.bytes);
    if (count < EVENTS_A_TURN_MAX) return;
  }
}

function tell(at: number): void {
  const stream = streams[events.readUInt32LE(at + EVENT.data)];
  if (stream?.serial !== events.readUInt32LE(at + EVENT.data + 4)) return;
  stream.ready(events.readUInt32LE(at));
}

function pendingError(fd: number): number {
  const value = int32(0);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, value, int32(value.length));
  return value.readInt32LE(0);
}
