// Finds the process that asked the kernel for a change: a notification of rtnetlink carries the port of the socket that asked. A
// port is usually, but not always, the number of the process that opened it, so it is only believed when that
// process has this very socket open. proc(5), netlink(7).

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export type Requester =
  | {
      readonly kind: "process";
      readonly pid: number;
      readonly name: string;
      readonly command: string;
    }
  /** Gone already, in another namespace of processes, the kernel itself, or by ioctl(2). */
  | { readonly kind: "unknown"; readonly portId: number | null };

const COMMAND_LENGTH_MAX = 200;
/** libnl puts a count of its own above these bits. */
const LIBNL_PID_BITS = 0x3fffff;
const NETLINK_ROUTE = "0";

/** To be asked at once: a short-lived command is gone after a millisecond. */
export function requesterOf(portId: number | null): Requester {
  if (portId === null || portId === 0) return { kind: "unknown", portId: null };
  try {
    const inode = inodeOf(portId);
    const pids = new Set([portId, portId & LIBNL_PID_BITS]);
    for (const pid of inode === undefined ? [] : pids) {
      if (!hasOpen(pid, inode)) continue;
      const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      const command = words.join(" ").trim().slice(0, COMMAND_LENGTH_MAX);
      return { kind: "process", pid, name, command };
    }
  } catch {
    // It is gone by now.
  }
  return { kind: "unknown", portId };
}

/** Of the socket with this port in our network namespace. */
function inodeOf(portId: number): string | undefined {
  for (const line of readFileSync("/proc/self/net/netlink", "utf8").split("\n").slice(1)) {
    const [, protocol, port, , , , , , , inode] = line.trim().split(/\s+/);
    if (protocol === NETLINK_ROUTE && port === String(portId)) return inode;
  }
  return undefined;
}

function hasOpen(pid: number, inode: string | undefined): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => linkOf(`${folder}/${fd}`) === `socket:[${inode}]`);
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed in between
  }
}
