// Checks of stores in memory: their keys, what they come to, and their rules.

import { oneOf } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import type { CheckKind } from "./kinds.ts";
import { account } from "./login.ts";
import { judgeTlsOption, tlsOption, tlsOptionKeys, tlsOptionRows } from "./tls.ts";

// biome-ignore format: a table, a row a key
export const redisKeys = {
  login: { ...account.login, requires: { keys: ["passwd"], why: "Redis has no such login" } },
  passwd: account.passwd,
  role: { type: oneOf("master", "slave"), otherwise: "either will do", example: "master", level: "basic",
    doc: "What a Redis server must be (ROLE)" },
  ...tlsOptionKeys,
} as const satisfies Readonly<Record<string, KeySpec>>;

export const redis: CheckKind<"redis"> = {
  build(section) {
    const { login, passwd, role } = section.values;
    return {
      tls: tlsOption(section, null),
      login: passwd === undefined ? null : { name: login ?? null, password: passwd },
      role: role ?? null,
    };
  },
  rows: ({ tls, login, role }) => [
    ["login", login?.name ?? null],
    ["passwd", login?.password ?? null],
    ["role", role],
    ...tlsOptionRows(tls),
  ],
  judge: judgeTlsOption,
};

export const memcached: CheckKind<"memcached"> = {
  build: (section) => ({ tls: tlsOption(section, null) }),
  rows: ({ tls }) => tlsOptionRows(tls),
  judge: judgeTlsOption,
};
