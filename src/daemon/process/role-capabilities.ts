// What each process of the daemon may do, of all that root may: the rest is given up at its start. capabilities(7).

import type { Capability } from "../../kernel/capabilities.ts";
import type { ChildRole } from "./messages.ts";

/** Scripts as another user, in a process group that is ended; files of others that root may read. */
const SCRIPTS = ["CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_DAC_OVERRIDE"] as const;

export const ROLE_CAPABILITIES: Readonly<Record<ChildRole, readonly Capability[]>> = {
  // sys_ptrace: whose socket it was that removed an address, and the processes that are tracked.
  vrrp: [
    ...SCRIPTS,
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_PTRACE",
  ],
  // net_bind_service: a check whose bind_port is below 1024.
  director: [
    ...SCRIPTS,
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_NET_BIND_SERVICE",
  ],
  // chown, fowner: the FIFOs of others.
  desk: [...SCRIPTS, "CAP_CHOWN", "CAP_FOWNER"],
};

/** The guardian carries out the last will, and what it has not its children do not get when it is not root. */
export const GUARDIAN_CAPABILITIES: readonly Capability[] = [
  ...new Set(Object.values(ROLE_CAPABILITIES).flat()),
];
