// Checks that ask no server: their keys, what they come to, and their rules.

import { serverPortOf } from "../effective.ts";
import { printUser, userOf } from "../node/notify.ts";
import { user } from "../node/notify-lines.ts";
import { fieldsOf, rowsOf } from "../schema/fields.ts";
import { bool, command, integer, name, oneOf, path } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { isGiven, lineOf, needed, type Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";
import { placeKeys } from "./common.ts";
import type { Around, CheckKind } from "./kinds.ts";

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
  session: { type: name, refers: "bfd_instance", otherwise: "the one whose neighbor_ip is the address of the real server", example: "peer", level: "basic",
    doc: "The bfd_instance that must be Up; a real server is DOWN as soon as it is not" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const fileKeys = {
  file: { field: "path", type: path, otherwise: "none: type file needs it", example: "/run/duet/weight", level: "basic",
    doc: "File with a number that is added to the weight; -2147483648, no number or no file is a failure" },
  weight: { field: "factor", type: integer(-1_000_000, 1_000_000), default: "1", doc: "So many times the number in the file is added" },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const misc: CheckKind<"misc"> = {
  ofServer: true,
  build: ({ values }, around) => ({
    ...fieldsOf(miscKeys, values),
    command: needed(values.script),
    arguments: values.script_arguments === "ldirectord" ? ldirectordArguments(around) : null,
    user: userOf(values.user, around.draft, around.identityOf),
    security: around.draft.global.values.enable_script_security,
  }),
  rows: (check) => [
    ...rowsOf(miscKeys, check),
    ["user", printUser(check.user)],
    ["script_arguments", check.arguments === null ? "none" : "ldirectord"],
  ],
  judge(section, report) {
    judgeNeeded(section, "script", report);
    judgePlace(section, report);
  },
};

export const file: CheckKind<"file"> = {
  build: ({ values }) => ({ ...fieldsOf(fileKeys, values), path: needed(values.file) }),
  rows: (check) => rowsOf(fileKeys, check),
  judge(section, report) {
    judgeNeeded(section, "file", report);
    judgePlace(section, report);
  },
};

export const fixed: CheckKind<"on" | "off"> = {
  build: () => ({}),
  rows: () => [],
  judge: judgePlace,
};

function ldirectordArguments({ service, server }: Around): readonly string[] {
  const { address, fwmark } = service.values;
  const endpoint = needed(server.values.address);
  return [
    address?.address ?? String(fwmark ?? ""),
    String(address?.port ?? 0),
    endpoint.address,
    String(serverPortOf(server, service)),
  ];
}

function judgeNeeded(section: Section<"check">, key: "script" | "file", report: Report): void {
  if (isGiven(section, key)) return;
  report(section.line, `Cannot use [${section.title}]: type ${section.values.type} needs ${key}`);
}

export function judgePlace(section: Section<"check">, report: Report): void {
  for (const key of Object.keys(placeKeys) as readonly (keyof typeof placeKeys)[]) {
    if (!isGiven(section, key)) continue;
    const { type } = section.values;
    report(lineOf(section, key), `Cannot use ${key} with type ${type}: it asks no server`);
  }
}
