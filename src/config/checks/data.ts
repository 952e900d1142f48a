// Checks of databases.

import type { DatabaseFields } from "../../check/model-database.ts";
import { isGiven, type Section } from "../draft.ts";
import type { Row } from "../fields.ts";
import type { Report } from "../validate.ts";
import type { CheckKind } from "./kinds.ts";
import { buildSecured, judgeBoth, judgeSecured, securedRows } from "./login.ts";
import { judgeTlsOption, tlsOption, tlsOptionRows } from "./tls.ts";

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
