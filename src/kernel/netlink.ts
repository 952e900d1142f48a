// The netlink transport: synchronous requests, dumps and batches. The kernel has queued its answer before
// send() returns, so a request is one uninterrupted function. man 7 netlink, linux/netlink.h.
//
// Events come by netlink-events.ts, on a socket of their own.

import { MessageWriter } from "./attributes.ts";
import { KernelError } from "./errors.ts";
import { bind, check, close, errno, recv, send, setOption, socket } from "./ffi.ts";
import {
  copyAt,
  endOfMessage,
  errorOf,
  messageAt,
  messagesOf,
  type NetlinkMessage,
  NLMSG_ERROR,
} from "./netlink-messages.ts";
import {
  EAGAIN,
  EINTR,
  ENOBUFS,
  MSG_TRUNC,
  NLMSG_DONE,
  NLMSG_HEADER_BYTES,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
} from "./numbers.ts";

export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;
export const NETLINK_GENERIC = 16;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;

const NLM_F_DUMP_INTR = 0x10;

const AF_NETLINK = 16;

const BUFFER_BYTES = 4 << 20;
const DATAGRAM_BYTES = 128 << 10;
const DUMP_TRIES_MAX = 5;
const REPLY_TIMEOUT_S = 5n;

export type Request = {
  readonly type: number;
  readonly flags: number;
  readonly body: (writer: MessageWriter) => void;
};

/** undefined leaves a message out. */
export type DecodeBody<Value> = (bytes: Buffer, start: number, end: number) => Value | undefined;

export type Netlink = {
  /** One request; the messages that answer it. Throws KernelError with the kernel's text. */
  readonly request: (request: Request) => readonly NetlinkMessage[];
  /** All messages of a dump, asked again when the table changed under it. */
  readonly dump: (request: Request) => readonly NetlinkMessage[];
  /** The same for dumps of thousands: what `decode` makes of each body where it lies, valid only during the call. */
  readonly dumpOf: <Value>(request: Request, decode: DecodeBody<Value>) => readonly Value[];
  /** Many requests in few datagrams; the errors by index of the request, empty = all done. */
  readonly batch: (requests: readonly Request[]) => ReadonlyMap<number, KernelError>;
  /** By which notifications tell what this socket asked for; 0 before its first request. */
  readonly portId: () => number;
  /** All or nothing (nfnetlink): what goes between its two frame messages, in one datagram. Errors as of batch(); -1 = of the whole. */
  readonly transaction: (
    frame: { readonly begin: Request; readonly end: Request },
    requests: readonly Request[],
  ) => ReadonlyMap<number, KernelError>;
  readonly close: () => void;
};

/** Needs no privilege to open; what it asks for may (CAP_NET_ADMIN). `subject` stands in error texts. */
export function openNetlink(
  protocol: number,
  subject: string,
  options: { readonly strict?: true } = {},
): Netlink {
  const fd = openSocket(protocol);
  // The kernel filters a dump by what its header says (Linux 4.20).
  if (options.strict) {
    setOption(fd, { name: "NETLINK_GET_STRICT_CHK", level: SOL_NETLINK, number: 12 }, 1);
  }
  let sequence = 0;
  let portId = 0;
  let receive: Buffer = Buffer.allocUnsafe(256 << 10);
  const writer = new MessageWriter();

  /** Hands every message that answers first..last to `on` until it says that all is there. */
  function collect(onMessage: (message: NetlinkMessage) => "more" | "done"): void {
    for (;;) {
      const bytes = receiveDatagram();
      for (const message of messagesOf(bytes)) if (onMessage(message) === "done") return;
    }
  }

  function receiveDatagram(): Buffer {
    for (;;) {
      const length = recv(fd, receive, receive.length, MSG_TRUNC);
      if (length > receive.length) {
        // Cannot be read again: the caller's request fails, the next one has the room.
        receive = Buffer.allocUnsafe(2 * length);
        throw new KernelError(subject, ENOBUFS, "the answer was larger than the buffer");
      }
      if (length >= NLMSG_HEADER_BYTES) portId = receive.readUInt32LE(12);
      if (length >= 0) return receive.subarray(0, length);
      const code = errno();
      if (code === EAGAIN) throw new KernelError(subject, code, "the kernel did not answer");
      if (code !== EINTR) throw new KernelError(subject, code);
    }
  }

  function sendAll(bytes: Buffer): void {
    while (send(fd, bytes, bytes.length, 0) < 0) {
      if (errno() !== EINTR) throw new KernelError(subject, errno());
    }
  }

  /** Sends one request; each message that answers it is told by where it begins and ends. */
  function exchange(
    request: Request,
    flags: number,
    onAnswer: (bytes: Buffer, at: number, end: number) => void,
  ): void {
    sequence = (sequence + 1) >>> 0;
    const own = sequence;
    writer.clear();
    const head = { type: request.type, flags: request.flags | NLM_F_REQUEST | flags, sequence };
    writer.message(head, request.body);
    sendAll(writer.bytes);
    for (;;) {
      const bytes = receiveDatagram();
      for (let at = 0, end = 0; (end = endOfMessage(bytes, at)) !== -1; at = (end + 3) & ~3) {
        if (bytes.readUInt32LE(at + 8) !== own) continue; // the rest of a request that failed half way
        const type = bytes.readUInt16LE(at + 4);
        if (type === NLMSG_ERROR || type === NLMSG_DONE) {
          const error = errorOf(subject, messageAt(bytes, at, end));
          if (error !== undefined) throw error;
          return;
        }
        onAnswer(bytes, at, end);
      }
    }
  }

  function request(asked: Request): readonly NetlinkMessage[] {
    const answers: NetlinkMessage[] = [];
    exchange(asked, NLM_F_ACK, (...lies) => answers.push(copyAt(...lies)));
    return answers;
  }

  function dumpOf<Value>(request: Request, decode: DecodeBody<Value>): readonly Value[] {
    for (let tries = 1; ; tries += 1) {
      const values: Value[] = [];
      let flags = 0;
      exchange(request, NLM_F_DUMP, (bytes, at, end) => {
        flags |= bytes.readUInt16LE(at + 6);
        const value = decode(bytes, at + NLMSG_HEADER_BYTES, end);
        if (value !== undefined) values.push(value);
      });
      if ((flags & NLM_F_DUMP_INTR) === 0 || tries === DUMP_TRIES_MAX) return values;
    }
  }

  function dump(request: Request): readonly NetlinkMessage[] {
    return dumpOf(request, (bytes, start, end) => copyAt(bytes, start - NLMSG_HEADER_BYTES, end));
  }

  function batch(requests: readonly Request[]): ReadonlyMap<number, KernelError> {
    const errors = new Map<number, KernelError>();
    for (let next = 0; next < requests.length; ) next += sendDatagram(requests, next, errors);
    return errors;
  }

  /** Sends as many requests from `from` as one datagram takes; errors always come back, an ack only for the last. */
  function sendDatagram(
    requests: readonly Request[],
    from: number,
    errors: Map<number, KernelError>,
  ): number {
    writer.clear();
    const base = sequence + 1;
    let count = 0;
    let lastOffset = 0;
    for (let i = from; i < requests.length && writer.length < DATAGRAM_BYTES; i += 1) {
      const request = requests[i];
      if (request === undefined) break;
      lastOffset = writer.length;
      const flags = request.flags | NLM_F_REQUEST;
      writer.message({ type: request.type, flags, sequence: base + count }, request.body);
      count += 1;
    }
    writer.addFlags(lastOffset, NLM_F_ACK);
    sequence = base + count - 1;
    sendAll(writer.bytes);
    collect((message) => {
      const index = message.sequence - base;
      if (message.type !== NLMSG_ERROR || index < 0 || index >= count) return "more";
      const error = errorOf(subject, message);
      if (error !== undefined) errors.set(from + index, error);
      return index === count - 1 ? "done" : "more";
    });
    return count;
  }

  function transaction(
    { begin, end }: { readonly begin: Request; readonly end: Request },
    requests: readonly Request[],
  ): ReadonlyMap<number, KernelError> {
    const writer = new MessageWriter(4096 + 256 * requests.length);
    const base = sequence + 1;
    let lastOffset = 0;
    [begin, ...requests, end].forEach(({ type, flags, body }, i) => {
      if (i === requests.length) lastOffset = writer.length;
      writer.message({ type, flags: flags | NLM_F_REQUEST, sequence: base + i }, body);
    });
    // The end itself is only acknowledged by Linux 6.10 and later.
    writer.addFlags(lastOffset, NLM_F_ACK);
    sequence = base + requests.length + 1;
    sendAll(writer.bytes);
    const errors = new Map<number, KernelError>();
    collect((message) => {
      const index = message.sequence - base - 1;
      if (message.type !== NLMSG_ERROR || index < -1 || index >= requests.length) return "more";
      const error = errorOf(subject, message);
      if (error !== undefined) errors.set(index, error);
      return index === requests.length - 1 || index === -1 ? "done" : "more";
    });
    return errors;
  }

  return {
    request,
    dump,
    dumpOf,
    batch,
    portId: () => portId,
    transaction,
    close: () => void close(fd),
  };
}

/** A bound netlink socket with extended acks, large buffers, and no wait that lasts for ever. */
export function openSocket(protocol: number): number {
  const fd = check("socket netlink", socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  const address = Buffer.alloc(12); // port 0: the kernel chooses, no clashes
  address.writeUInt16LE(AF_NETLINK, 0);
  check("bind netlink", bind(fd, address, address.length));
  setOption(fd, { name: "NETLINK_EXT_ACK", level: SOL_NETLINK, number: 11 }, 1);
  setOption(fd, { name: "NETLINK_CAP_ACK", level: SOL_NETLINK, number: 10 }, 1);
  setBuffer(fd, { forced: 33, plain: 8 });
  setBuffer(fd, { forced: 32, plain: 7 });
  const timeout = Buffer.alloc(16);
  timeout.writeBigInt64LE(REPLY_TIMEOUT_S);
  setOption(fd, { name: "SO_RCVTIMEO", level: SOL_SOCKET, number: 20 }, timeout);
  return fd;
}

// SO_RCVBUFFORCE (SO_SNDBUFFORCE) needs CAP_NET_ADMIN; without it the kernel's limit has to do.
function setBuffer(fd: number, numbers: { readonly forced: number; readonly plain: number }): void {
  try {
    const option = { name: "buffer", level: SOL_SOCKET, number: numbers.forced };
    setOption(fd, option, BUFFER_BYTES);
  } catch {
    setOption(fd, { name: "buffer", level: SOL_SOCKET, number: numbers.plain }, BUFFER_BYTES);
  }
}
