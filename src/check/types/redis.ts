// Redis, and what speaks its protocol.

import { oneOf } from "../../config/schema/plain-types.ts";
import { connects } from "./connects.ts";
import { account } from "./login.ts";
import { tlsOption } from "./tls.ts";
import { type CheckKind, plain, type Rows, type Written } from "./type.ts";

const keys = {
  login: { ...account.login, requires: { keys: ["passwd"], why: "Redis has no such login" } },
  passwd: account.passwd,
} as const satisfies Rows;

/** Without a name: the password of the server. */
type Auth = {
  readonly login: { readonly name: string | null; readonly password: string } | null;
};

const auth = {
  keys,
  build: ({ values: { login, passwd } }: Written<typeof keys>): Auth => ({
    login: passwd === undefined ? null : { name: login ?? null, password: passwd },
  }),
  rows: ({ login }: Auth) =>
    [
      ["login", login?.name ?? null],
      ["passwd", login?.password ?? null],
    ] as const,
} as const;

// biome-ignore format: a table, a row a key
const role = plain({
  role: { field: "role", type: oneOf("master", "slave"), otherwise: "either will do", example: "master", level: "basic",
    doc: "What a Redis server must be (ROLE)" },
});

export const redis = {
  doc: "an answer to PING",
  parts: [auth, role, tlsOption, connects],
} as const satisfies CheckKind;
