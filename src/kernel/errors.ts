// A failed system call or netlink request, with its errno by name.

import { constants } from "node:os";
import { missingCapabilities } from "./capabilities.ts";

// Some numbers have two names (EAGAIN, EWOULDBLOCK); the first one listed is the one people say. Of 95 it is the C library's,
// and the kernel's own, which its documentation and this program look for, is the other one.
const names = new Map(
  Object.entries(constants.errno)
    .reverse()
    .map(([name, number]) => [number, name]),
);
names.set(constants.errno.EOPNOTSUPP, "EOPNOTSUPP");

/** "ENOENT" for 2. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`;
}

export class KernelError extends Error {
  readonly errno: number;
  readonly code: string;

  /** `detail` is the kernel's own explanation where it gives one (netlink ext-ack). */
  constructor(call: string, errno: number, detail: string | undefined = privilege(call, errno)) {
    super(`${call}: ${errnoName(errno)}${detail === undefined ? "" : ` (${detail})`}`);
    this.errno = errno;
    this.code = errnoName(errno);
  }
}

/** Is it one of these, or was it caused by one? */
export function isKernelError(error: unknown, ...codes: readonly string[]): boolean {
  if (error instanceof KernelError) return codes.includes(error.code);
  return error instanceof Error && isKernelError(error.cause, ...codes);
}

/** EPERM may have other reasons, a firewall's verdict for one: only what is missing is named. */
function privilege(call: string, errno: number): string | undefined {
  if (errnoName(errno) !== "EPERM") return undefined;
  const missing = missingCapabilities(
    call.startsWith("sched") ? ["CAP_SYS_NICE"] : ["CAP_NET_ADMIN", "CAP_NET_RAW"],
  );
  if (missing.length === 0) return undefined;
  return `this process has no ${missing.join(" and no ")}: run it as root`;
}
