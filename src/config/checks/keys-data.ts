// Keys of [check.*] of databases.

import { line, oneOf } from "../plain-types.ts";
import type { KeySpec } from "../spec.ts";
import { loginKeys } from "./keys-login.ts";
import { tlsOptionKeys } from "./keys-tls.ts";

// biome-ignore format: a table, a row a key
export const ldapKeys = {
  ...tlsOptionKeys,
  starttls: loginKeys.starttls,
  login: loginKeys.login,
  passwd: loginKeys.passwd,
  base: { type: line, otherwise: "a bind is enough", example: "'dc=example,dc=com'", level: "basic",
    doc: "DN of the entry that a directory must have" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const databaseKeys = {
  ...tlsOptionKeys,
  login: loginKeys.login,
  passwd: loginKeys.passwd,
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
