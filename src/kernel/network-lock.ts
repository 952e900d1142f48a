// One daemon a network namespace: two of them would take each other's addresses, routes and services for what an earlier
// run left. An abstract Unix socket (unix(7)) is the lock: it belongs to the network namespace, whatever file system and run
// directory a process has, and it is gone with the process that bound it, however that dies.

import { errnoName, KernelError } from "./errors.ts";
import { bind, check, close, connect, declare, errno, getsockopt, int32, socket } from "./ffi.ts";
import { AF_UNIX, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM, SOL_SOCKET } from "./numbers.ts";
import { unixAddress } from "./socket-address.ts";

export type NetworkLock =
  | { readonly kind: "ours"; readonly release: () => void }
  /** null = a process of another PID namespace. */
  | { readonly kind: "taken"; readonly pid: number | null }
  /** Anybody may bind a name: who is neither root nor our user is no duet, and keeps none from running. */
  | { readonly kind: "squatted"; readonly pid: number | null; readonly uid: number };

const SO_PEERCRED = 17;
const ADDRESS = unixAddress("@duet-run");
const UCRED_BYTES = 12;
/** Nobody accepts them: so many get to know who holds the lock, later ones only that somebody does. */
const ASKERS_MAX = 4096;

const listen = declare<(fd: number, backlog: number) => number>("int listen(int, int)");

export function takeNetworkLock(): NetworkLock {
  const fd = openSocket();
  if (bind(fd, ADDRESS, ADDRESS.length) < 0) {
    const code = errno();
    close(fd);
    if (errnoName(code) !== "EADDRINUSE") throw new KernelError("bind the network lock", code);
    return heldBy();
  }
  // A process that finds the lock taken connects to it to learn whose it is; the kernel answers for us.
  check("listen on the network lock", listen(fd, ASKERS_MAX));
  return { kind: "ours", release: () => void close(fd) };
}

function heldBy(): NetworkLock {
  const holder = peerOf();
  if (holder === undefined) return { kind: "taken", pid: null };
  const pid = holder.pid === 0 ? null : holder.pid;
  const isTrusted = holder.uid === 0 || holder.uid === process.geteuid?.();
  return isTrusted ? { kind: "taken", pid } : { kind: "squatted", pid, uid: holder.uid };
}

/** undefined = too many have asked already, or it has just gone. */
function peerOf(): { readonly pid: number; readonly uid: number } | undefined {
  const fd = openSocket();
  try {
    if (connect(fd, ADDRESS, ADDRESS.length) < 0) return undefined;
    const bytes = Buffer.alloc(UCRED_BYTES);
    check(
      "getsockopt SO_PEERCRED",
      getsockopt(fd, SOL_SOCKET, SO_PEERCRED, bytes, int32(bytes.length)),
    );
    return { pid: bytes.readInt32LE(0), uid: bytes.readUInt32LE(4) };
  } finally {
    close(fd);
  }
}

function openSocket(): number {
  return check("socket unix", socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}
