// Checks of databases and directories: their keys, what they come to, and their rules.

import type { DatabaseFields } from "../../check/model-database.ts";
import type { Row } from "../schema/fields.ts";
import { line, oneOf } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { isGiven, type Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";
import type { CheckKind } from "./kinds.ts";
import { account, buildSecured, judgeBoth, judgeSecured, loginKeys, securedRows } from "./login.ts";
import { judgeTlsOption, tlsOption, tlsOptionKeys, tlsOptionRows } from "./tls.ts";

// biome-ignore format: a table, a row a key
export const ldapKeys = {
  ...tlsOptionKeys,
  starttls: loginKeys.starttls,
  login: account.login,
  passwd: account.passwd,
  base: { type: line, otherwise: "a bind is enough", example: "'dc=example,dc=com'", level: "basic",
    doc: "DN of the entry that a directory must have" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const databaseKeys = {
  ...tlsOptionKeys,
  login: account.login,
  passwd: account.passwd,
  database: { type: line, otherwise: "that of the login", example: "shop", level: "basic", doc: "Database that is used" },
  query: { type: line, aliases: ["request"], default: "SELECT 1", example: "SELECT 1 FROM orders", level: "basic",
    doc: "Must return a row" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const postgresqlKeys = {
  ...databaseKeys,
  server_role: { type: oneOf("primary", "standby"), otherwise: "either will do", example: "primary", level: "basic",
    doc: "What the server must be: it takes writes, or it follows another one" },
} as const satisfies Readonly<Record<string, KeySpec>>;

function build(section: Section<"check">): DatabaseFields {
  const { login = "", passwd = "", database, query } = section.values;
  return {
    tls: tlsOption(section, null),
    login: { name: login, password: passwd },
    database: database ?? null,
    query,
  };
}

function rows({ tls, login, database, query }: DatabaseFields): readonly Row[] {
  return [
    ...tlsOptionRows(tls),
    ["login", login.name],
    ["passwd", login.password === "" ? null : login.password],
    ["database", database],
    ["query", query],
  ];
}

function judge(section: Section<"check">, report: Report): void {
  judgeTlsOption(section, report);
  if (!isGiven(section, "login")) {
    report(
      section.line,
      `Cannot use [${section.title}] without login: add a line such as "login = probe"`,
    );
  }
}

export const ldap: CheckKind<"ldap"> = {
  build(section) {
    const { login, passwd = "", base } = section.values;
    return {
      ...buildSecured(section),
      login: login === undefined ? null : { name: login, password: passwd },
      base: base ?? null,
    };
  },
  rows: ({ login, base, ...secured }) => [
    ...securedRows(secured),
    ["login", login?.name ?? null],
    ["passwd", login === null || login.password === "" ? null : login.password],
    ["base", base],
  ],
  judge(section, report) {
    judgeSecured(section, report);
    // RFC 4513 §5.1.2: a name without a password would be an anonymous bind, whoever it is.
    judgeBoth(section, report);
  },
};

export const mysql: CheckKind<"mysql"> = { build, rows, judge };

export const postgresql: CheckKind<"postgresql"> = {
  build: (section) => ({ ...build(section), role: section.values.server_role ?? null }),
  rows: (check) => [...rows(check), ["server_role", check.role]],
  judge,
};
