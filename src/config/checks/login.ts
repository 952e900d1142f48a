// Checks of servers that one logs in to: their keys, what they come to, and their rules.

import type { LoginFields, LoginType } from "../../check/model-login.ts";
import type { Row } from "../schema/fields.ts";
import { bool, line, secret, word, yesNo } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { lineOf, type Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";
import type { CheckKind } from "./kinds.ts";
import {
  buildTls,
  judgeTls,
  judgeTlsOption,
  tlsOption,
  tlsOptionKeys,
  tlsOptionRows,
  tlsRows,
} from "./tls.ts";

/** Who logs in, of every type that has it. */
// biome-ignore format: a table, a row a key
export const account = {
  login: { type: line, otherwise: "nobody logs in: the banner is enough", example: "probe", level: "basic",
    doc: "Who logs in, by passwd; without TLS both are sent in the clear" },
  passwd: { type: secret, aliases: ["password"], otherwise: "none", example: "secret", level: "basic",
    doc: "Password of login; after a wrong one some servers keep all checks from here waiting (Dovecot)" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const loginKeys = {
  ...tlsOptionKeys,
  starttls: { type: bool, default: "no", level: "basic",
    doc: "TLS once the server has agreed to it (STARTTLS, STLS, AUTH TLS, StartTLS), in place of tls" },
  login: account.login,
  passwd: { ...account.passwd, requires: { keys: ["login"], why: "say who logs in" } },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const smtpKeys = {
  helo_name: { type: word, default: "localhost", example: "lb1.example.com", doc: "What EHLO says" },
  ...loginKeys,
} as const satisfies Readonly<Record<string, KeySpec>>;

type Secured = Pick<LoginFields, "tls" | "starttls">;

/** TLS from the first byte on, or once the server has agreed to it. */
export function buildSecured(section: Section<"check">): Secured {
  const { starttls } = section.values;
  return { tls: starttls ? buildTls(section, null) : tlsOption(section, null), starttls };
}

export function securedRows({ tls, starttls }: Secured): readonly Row[] {
  return [
    ["starttls", yesNo(starttls)],
    ...(starttls && tls !== null ? tlsRows(tls) : tlsOptionRows(tls)),
  ];
}

export function judgeSecured(section: Section<"check">, report: Report): void {
  const { tls, starttls } = section.values;
  if (starttls) judgeTls(section, report);
  else judgeTlsOption(section, report);
  if (tls && starttls) {
    report(
      Math.max(lineOf(section, "tls"), lineOf(section, "starttls")),
      "Cannot use tls and starttls in one check: leave one of them out",
    );
  }
}

function build(section: Section<"check">): LoginFields {
  const { login, passwd } = section.values;
  return {
    ...buildSecured(section),
    login: login === undefined ? null : { name: login, password: passwd ?? "" },
  };
}

function rows({ login, ...secured }: LoginFields): readonly Row[] {
  return [
    ...securedRows(secured),
    ["login", login?.name ?? null],
    ["passwd", login === null || login.password === "" ? null : login.password],
  ];
}

/** A login is a name and a password, or there is none. */
export function judgeBoth(section: Section<"check">, report: Report): void {
  const { login: name, passwd } = section.values;
  if ((name === undefined) === (passwd === undefined)) return;
  const given = name === undefined ? "passwd" : "login";
  const other = name === undefined ? "login" : "passwd";
  report(lineOf(section, given), `Cannot use ${given} without ${other}: say both, or none of them`);
}

export const login: CheckKind<LoginType> = { build, rows, judge: judgeSecured };

export const smtp: CheckKind<"smtp"> = {
  build: (section) => ({ ...build(section), heloName: section.values.helo_name }),
  rows: (check) => [["helo_name", check.heloName], ...rows(check)],
  judge: judgeSecured,
};
