// Keys of [check.*] that speak HTTP.

import type { KeySpec } from "../spec.ts";

export const httpKeys = {
  path: {
    type: { kind: "path" },
    default: "/",
    example: "/ok.html",
    level: "basic",
    doc: "What is asked for",
  },
  host: {
    type: { kind: "word" },
    aliases: ["virtualhost"],
    otherwise: "address and port of the real server",
    example: "www.example.com",
    level: "basic",
    doc: "The Host header",
  },
  status: {
    type: { kind: "status" },
    aliases: ["status_code"],
    default: "200-299",
    example: "200 301-302",
    level: "basic",
    doc: "Status codes and ranges that are a success",
  },
  body: {
    type: { kind: "text" },
    otherwise: "any body will do",
    example: "ok",
    level: "basic",
    doc: "Text that the body must contain",
  },
  regex: {
    type: { kind: "regex" },
    otherwise: "any body will do",
    example: "^ok",
    level: "advanced",
    doc: "Regular expression that the body must match, in place of body",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;
