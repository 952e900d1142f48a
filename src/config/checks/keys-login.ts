// Keys of [check.*] of servers that one logs in to.

import type { KeySpec } from "../spec.ts";
import { tlsOptionKeys } from "./keys-tls.ts";

export const loginKeys = {
  ...tlsOptionKeys,
  starttls: {
    type: { kind: "bool" },
    default: "no",
    level: "basic",
    doc: "TLS once the server has agreed to it (STARTTLS, STLS, AUTH TLS, StartTLS), in place of tls",
  },
  login: {
    type: { kind: "line" },
    otherwise: "nobody logs in: the banner is enough",
    example: "probe",
    level: "basic",
    doc: "Who logs in, by passwd; without TLS both are sent in the clear",
  },
  passwd: {
    type: { kind: "secret" },
    aliases: ["password"],
    otherwise: "none",
    example: "secret",
    level: "basic",
    doc: "Password of login; after a wrong one some servers keep all checks from here waiting (Dovecot)",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const smtpKeys = {
  helo_name: {
    type: { kind: "word" },
    default: "localhost",
    example: "lb1.example.com",
    level: "advanced",
    doc: "What EHLO says",
  },
  ...loginKeys,
} as const satisfies Readonly<Record<string, KeySpec>>;
