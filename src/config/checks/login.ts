// Checks of servers that one logs in to.

import type { LoginFields, LoginType } from "../../check/model-login.ts";
import { isGiven, lineOf, type Section } from "../draft.ts";
import type { Row } from "../fields.ts";
import { yesNo } from "../plain-types.ts";
import type { Report } from "../validate.ts";
import type { CheckKind } from "./kinds.ts";
import { buildTls, judgeTls, judgeTlsOption, tlsOption, tlsOptionRows, tlsRows } from "./tls.ts";

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

function judge(section: Section<"check">, report: Report): void {
  judgeSecured(section, report);
  if (isGiven(section, "passwd") && !isGiven(section, "login")) {
    report(lineOf(section, "passwd"), "Cannot use passwd without login: say who logs in");
  }
}

/** A login is a name and a password, or there is none. */
export function judgeBoth(section: Section<"check">, report: Report): void {
  const { login: name, passwd } = section.values;
  if ((name === undefined) === (passwd === undefined)) return;
  const given = name === undefined ? "passwd" : "login";
  const other = name === undefined ? "login" : "passwd";
  report(lineOf(section, given), `Cannot use ${given} without ${other}: say both, or none of them`);
}

export const login: CheckKind<LoginType> = { build, rows, judge };

export const smtp: CheckKind<"smtp"> = {
  build: (section) => ({ ...build(section), heloName: section.values.helo_name }),
  rows: (check) => [["helo_name", check.heloName], ...rows(check)],
  judge,
};
