// Keys of [check.*] that ask no server.

import { bool, command, integer, name, oneOf, path } from "../plain-types.ts";
import type { KeySpec } from "../spec.ts";
import { user } from "../values-notify.ts";

// biome-ignore format: a table, a row a key
export const miscKeys = {
  script: { field: "command", type: command, aliases: ["misc_path"], otherwise: "none: type misc needs it", example: "/etc/duet/check.sh 80", level: "basic",
    doc: "Command that is run; exit status 0 is a success" },
  user: { type: user, inherits: "script_user", example: "nobody", doc: "Who runs the script: USER [GROUP]" },
  dynamic: { field: "dynamic", type: bool, aliases: ["misc_dynamic"], default: "no",
    doc: "Exit status 2 to 255 is a success too, and sets the weight to 0 to 253" },
  script_arguments: { type: oneOf("none", "ldirectord"), default: "none",
    doc: "ldirectord: address (or mark) and port of the virtual server and those of the real server are appended. Its checktype = external-perl is script = /usr/bin/perl FILE" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const bfdKeys = {
  session: { type: name, otherwise: "the one whose neighbor_ip is the address of the real server", example: "peer", level: "basic",
    doc: "The bfd_instance that must be Up; a real server is DOWN as soon as it is not" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const fileKeys = {
  file: { field: "path", type: path, otherwise: "none: type file needs it", example: "/run/duet/weight", level: "basic",
    doc: "File with a number that is added to the weight; -2147483648, no number or no file is a failure" },
  weight: { field: "factor", type: integer(-1_000_000, 1_000_000), default: "1", doc: "So many times the number in the file is added" },
} as const satisfies Readonly<Record<string, KeySpec>>;
