// An operator's script.

import { type Fields, fieldsOf, needed, type Row, rowsOf } from "../../config/schema/fields.ts";
import { bool, command, oneOf } from "../../config/schema/plain-types.ts";
import { printIdentity, user } from "../../config/schema/users.ts";
import type { Identity } from "../../lib/accounts.ts";
import { judgeNeeded, local } from "./local.ts";
import type { Around, CheckKind, Report, Rows, Written } from "./type.ts";

// biome-ignore format: a table, a row a key
const keys = {
  script: { type: command, aliases: ["misc_path"], otherwise: "none: type misc needs it", example: "/etc/duet/check.sh 80", level: "basic",
    doc: "Command that is run; exit status 0 is a success" },
  user: { type: user, inherits: "script_user", example: "nobody", doc: "Who runs the script: USER [GROUP]" },
  dynamic: { field: "dynamic", type: bool, aliases: ["misc_dynamic"], default: "no",
    doc: "Exit status 2 to 255 is a success too, and sets the weight to 0 to 253" },
  script_arguments: { type: oneOf("none", "ldirectord"), default: "none",
    doc: "ldirectord: address (or mark) and port of the virtual server and those of the real server are appended. Its checktype = external-perl is script = /usr/bin/perl FILE" },
} as const satisfies Rows;

type Script = Fields<typeof keys> & {
  /** As the operator wrote it. */
  readonly command: string;
  readonly arguments: readonly string[] | null;
  readonly user: Identity | null;
  /** Root runs only what nobody else may write to. */
  readonly security: boolean;
};

const script = {
  keys,
  build: ({ values }: Written<typeof keys>, around: Around): Script => ({
    ...fieldsOf(keys, values),
    command: needed(values.script),
    arguments: values.script_arguments === "ldirectord" ? around.ldirectordArguments() : null,
    user: around.identityOf(values.user),
    security: around.scriptSecurity,
  }),
  rows: (check: Script): readonly Row[] => [
    ["script", check.command],
    ...rowsOf(keys, check),
    ["user", printIdentity(check.user)],
    ["script_arguments", check.arguments === null ? "none" : "ldirectord"],
  ],
  judge: (section: Written<Rows, { readonly type?: string }>, report: Report) =>
    judgeNeeded(section, "script", report),
} as const;

export const misc = {
  doc: "a script",
  parts: [script, local],
  ofServer: true,
  portless: true,
} as const satisfies CheckKind;
