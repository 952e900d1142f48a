// Processes that start, change their program and end, as the kernel tells it. linux/cn_proc.h, linux/connector.h.
// Only in the first network and process namespaces, and only to CAP_NET_ADMIN: elsewhere nothing is told.

import { check, close, errno, recv, send, setOption } from "./ffi.ts";
import { openSocket } from "./netlink.ts";
import { messagesOf } from "./netlink-messages.ts";
import { EINTR, ENOBUFS, MSG_DONTWAIT, NETLINK_ADD_MEMBERSHIP, NLMSG_DONE } from "./numbers.ts";
import { watch } from "./poll.ts";

const NETLINK_CONNECTOR = 11;
const CN_IDX_PROC = 1;
const CN_VAL_PROC = 1;
const PROC_CN_MCAST_LISTEN = 1;
const DATAGRAMS_A_TURN_MAX = 256;

// struct cn_msg before the event, struct proc_event before its data.
const CN_BYTES = 20;
const DATA_AT = CN_BYTES + 16;
const WHAT_ACK = 0;
const WHAT_FORK = 0x1;
const WHAT_EXEC = 0x2;
const WHAT_COMM = 0x200;
const WHAT_EXIT = 0x80000000;

export type ProcListener = {
  /** The kernel does tell: it comes once, right after the start, where this works. */
  readonly onReady: () => void;
  /** A process is new, or may have another name now. */
  readonly onProcess: (pid: number) => void;
  readonly onExit: (pid: number) => void;
  /** Events were lost. */
  readonly onOverrun: () => void;
};

/** Throws KernelError where it cannot work; where it just does not, onReady never comes. */
export function openProcConnector(listener: ProcListener): { readonly close: () => void } {
  const fd = openSocket(NETLINK_CONNECTOR);
  try {
    setOption(fd, NETLINK_ADD_MEMBERSHIP, CN_IDX_PROC);
    const request = listenRequest();
    check("listen to processes", send(fd, request, request.length, 0));
  } catch (error) {
    close(fd);
    throw error;
  }
  const buffer = Buffer.allocUnsafe(16 << 10);
  const watching = watch(
    fd,
    () => {
      for (let turn = 0; turn < DATAGRAMS_A_TURN_MAX; turn += 1) {
        const length = recv(fd, buffer, buffer.length, MSG_DONTWAIT);
        if (length < 0) {
          const code = errno();
          if (code === EINTR) continue;
          if (code !== ENOBUFS) return;
          listener.onOverrun();
          continue;
        }
        for (const { body } of messagesOf(buffer.subarray(0, length))) tell(body, listener);
      }
    },
    () => listener.onOverrun(),
  );
  return {
    close() {
      watching.close();
      close(fd);
    },
  };
}

function tell(body: Buffer, listener: ProcListener): void {
  if (body.length < DATA_AT + 8) return;
  const [pid, group] = [body.readInt32LE(DATA_AT), body.readInt32LE(DATA_AT + 4)];
  switch (body.readUInt32LE(CN_BYTES)) {
    case WHAT_ACK:
      if (pid === 0) listener.onReady(); // the place of `err`
      return;
    case WHAT_FORK:
      if (body.length >= DATA_AT + 16) fork(body, listener);
      return;
    case WHAT_EXEC:
    case WHAT_COMM:
      listener.onProcess(group);
      return;
    case WHAT_EXIT:
      if (pid === group) listener.onExit(pid); // not one of its threads
      return;
    default:
      return;
  }
}

function fork(body: Buffer, listener: ProcListener): void {
  const [child, group] = [body.readInt32LE(DATA_AT + 8), body.readInt32LE(DATA_AT + 12)];
  if (child === group) listener.onProcess(child);
}

/** struct nlmsghdr, struct cn_msg, enum proc_cn_mcast_op. */
function listenRequest(): Buffer {
  const bytes = Buffer.alloc(16 + CN_BYTES + 4);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(NLMSG_DONE, 4);
  bytes.writeUInt32LE(CN_IDX_PROC, 16);
  bytes.writeUInt32LE(CN_VAL_PROC, 20);
  bytes.writeUInt16LE(4, 32);
  bytes.writeUInt32LE(PROC_CN_MCAST_LISTEN, 36);
  return bytes;
}
