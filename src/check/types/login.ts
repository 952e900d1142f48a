// Who logs in, of the types that have a login.

import type { Row } from "../../config/schema/fields.ts";
import { line, secret } from "../../config/schema/plain-types.ts";
import { isGiven, lineOf, type Part, type Report, type Rows, type Written } from "./type.ts";

export type Login = { readonly name: string; readonly password: string };

/** What decides what is said to log in. */
export type LoginSteps = {
  /** TLS only once the server has agreed to it, and not from the first byte on. */
  readonly starttls: boolean;
  /** null = the banner and what comes before a login are enough. */
  readonly login: Login | null;
};

// biome-ignore format: a table, a row a key
export const account = {
  login: { type: line, otherwise: "nobody logs in: the banner is enough", example: "probe", level: "basic",
    doc: "Who logs in, by passwd; without TLS both are sent in the clear" },
  passwd: { type: secret, aliases: ["password"], otherwise: "none", example: "secret", level: "basic",
    doc: "Password of login; after a wrong one some servers keep all checks from here waiting (Dovecot)" },
} as const satisfies Rows;

const named = {
  login: account.login,
  passwd: { ...account.passwd, requires: { keys: ["login"], why: "say who logs in" } },
} as const satisfies Rows;

type Optional = { readonly login: Login | null };

/** A name with its password, or with none. */
export const login = {
  keys: named,
  build: buildLogin,
  rows: ({ login: who }: Optional) => loginRows(who),
} as const satisfies Part;

/** A name and a password, or neither. */
export const bothOrNeither = {
  keys: account,
  build: buildLogin,
  rows: ({ login: who }: Optional) => loginRows(who),
  judge(section: Written<typeof account>, report: Report) {
    const { login: name, passwd } = section.values;
    if ((name === undefined) === (passwd === undefined)) return;
    const given = name === undefined ? "passwd" : "login";
    const other = name === undefined ? "login" : "passwd";
    report(
      lineOf(section, given),
      `Cannot use ${given} without ${other}: say both, or none of them`,
    );
  },
} as const satisfies Part;

/** Nobody is asked without a name. */
export const loginNeeded = {
  keys: account,
  build: ({ values: { login: name = "", passwd = "" } }: Written<typeof account>) => ({
    login: { name, password: passwd },
  }),
  rows: ({ login: who }: { readonly login: Login }) => loginRows(who),
  judge(section: Written<typeof account>, report: Report) {
    if (isGiven(section, "login")) return;
    report(
      section.line,
      `Cannot use [${section.title}] without login: add a line such as "login = probe"`,
    );
  },
} as const satisfies Part;

function buildLogin({ values: { login: name, passwd = "" } }: Written<typeof account>): Optional {
  return { login: name === undefined ? null : { name, password: passwd } };
}

function loginRows(who: Login | null): readonly Row[] {
  return [
    ["login", who?.name ?? null],
    ["passwd", who?.password || null],
  ];
}
