// Keys of [check.*] of servers that one logs in to.

import { bool, line, secret, word } from "../plain-types.ts";
import type { KeySpec } from "../spec.ts";
import { tlsOptionKeys } from "./keys-tls.ts";

// biome-ignore format: a table, a row a key
export const loginKeys = {
  ...tlsOptionKeys,
  starttls: { type: bool, default: "no", level: "basic",
    doc: "TLS once the server has agreed to it (STARTTLS, STLS, AUTH TLS, StartTLS), in place of tls" },
  login: { type: line, otherwise: "nobody logs in: the banner is enough", example: "probe", level: "basic",
    doc: "Who logs in, by passwd; without TLS both are sent in the clear" },
  passwd: { type: secret, aliases: ["password"], otherwise: "none", example: "secret", level: "basic",
    doc: "Password of login; after a wrong one some servers keep all checks from here waiting (Dovecot)" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const smtpKeys = {
  helo_name: { type: word, default: "localhost", example: "lb1.example.com", doc: "What EHLO says" },
  ...loginKeys,
} as const satisfies Readonly<Record<string, KeySpec>>;
