// Keys of [check.*] of stores in memory.

import { oneOf } from "../plain-types.ts";
import type { KeySpec } from "../spec.ts";
import { loginKeys } from "./keys-login.ts";
import { tlsOptionKeys } from "./keys-tls.ts";

// biome-ignore format: a table, a row a key
export const redisKeys = {
  login: loginKeys.login,
  passwd: loginKeys.passwd,
  role: { type: oneOf("master", "slave"), otherwise: "either will do", example: "master", level: "basic",
    doc: "What a Redis server must be (ROLE)" },
  ...tlsOptionKeys,
} as const satisfies Readonly<Record<string, KeySpec>>;
