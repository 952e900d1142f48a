// What ipvsadm says when the kernel refuses, by what was asked. Pure.

export type Asked =
  | "add-service"
  | "edit-service"
  | "delete-service"
  | "add-server"
  | "edit-server"
  | "delete-server"
  | "zero"
  | "start-daemon"
  | "stop-daemon"
  | "list"
  | "anything";

const NO_SERVICE = "No such service";
const NO_SCHEDULER = "Scheduler or persistence engine not found";
const NOT_DEFINED = "Service not defined";
const NO_DESTINATION = "No such destination";

const TEXTS: Readonly<Record<Asked, Readonly<Record<string, string>>>> = {
  "add-service": { EEXIST: "Service already exists", ENOENT: NO_SCHEDULER },
  "edit-service": { ESRCH: NO_SERVICE, ENOENT: NO_SCHEDULER },
  "delete-service": { ESRCH: NO_SERVICE },
  "add-server": { ESRCH: NOT_DEFINED, EEXIST: "Destination already exists" },
  "edit-server": { ESRCH: NOT_DEFINED, ENOENT: NO_DESTINATION },
  "delete-server": { ESRCH: NOT_DEFINED, ENOENT: NO_DESTINATION },
  zero: { ESRCH: NO_SERVICE },
  "start-daemon": { EEXIST: "Daemon has already run" },
  "stop-daemon": { ESRCH: "No daemon is running" },
  list: { ESRCH: NO_SERVICE },
  anything: {
    EPERM: "Permission denied (you must be root)",
    EINVAL: "Invalid operation.  Possibly wrong module version, address not unicast, ...",
    ENOPROTOOPT: "Protocol not available",
    ENOMEM: "Memory allocation problem",
    EOPNOTSUPP: "Operation not supported with IPv6",
    EAFNOSUPPORT: "Operation not supported with specified address family",
    EMSGSIZE: "Module is wrong version",
  },
};

/** `code`: "EEXIST". undefined when there is only the system's own text for it. */
export function errorTextOf(asked: Asked, code: string): string | undefined {
  return TEXTS[asked][code] ?? TEXTS.anything[code];
}
