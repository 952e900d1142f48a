// Keys of [check.*] that ask no server.

import { integer, oneOf } from "../key-types.ts";
import type { KeySpec } from "../spec.ts";

export const miscKeys = {
  script: {
    type: { kind: "command" },
    aliases: ["misc_path"],
    otherwise: "none: type misc needs it",
    example: "/etc/duet/check.sh 80",
    level: "basic",
    doc: "Command that is run; exit status 0 is a success",
  },
  user: {
    type: { kind: "user" },
    otherwise: "script_user of [global]",
    example: "nobody",
    level: "advanced",
    doc: "Who runs the script: USER [GROUP]",
  },
  dynamic: {
    type: { kind: "bool" },
    aliases: ["misc_dynamic"],
    default: "no",
    level: "advanced",
    doc: "Exit status 2 to 255 is a success too, and sets the weight to 0 to 253",
  },
  script_arguments: {
    type: oneOf("none", "ldirectord"),
    default: "none",
    level: "advanced",
    doc: "ldirectord: address (or mark) and port of the virtual server and those of the real server are appended. Its checktype = external-perl is script = /usr/bin/perl FILE",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const bfdKeys = {
  session: {
    type: { kind: "name" },
    otherwise: "the one whose neighbor_ip is the address of the real server",
    example: "peer",
    level: "basic",
    doc: "The bfd_instance that must be Up; a real server is DOWN as soon as it is not",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const fileKeys = {
  file: {
    type: { kind: "path" },
    otherwise: "none: type file needs it",
    example: "/run/duet/weight",
    level: "basic",
    doc: "File with a number that is added to the weight; -2147483648, no number or no file is a failure",
  },
  weight: {
    type: integer(-1_000_000, 1_000_000),
    default: "1",
    level: "advanced",
    doc: "So many times the number in the file is added",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;
