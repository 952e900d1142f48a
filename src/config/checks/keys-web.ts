// Keys of [check.*] that speak HTTP.

import { integer, oneOf } from "../key-types.ts";
import type { KeySpec } from "../spec.ts";
import { tlsKeys, tlsOptionKeys } from "./keys-tls.ts";

/** Of everything that begins with a request. */
export const hostKeys = {
  host: {
    type: { kind: "word" },
    aliases: ["virtualhost"],
    otherwise: "address and port of the real server",
    example: "www.example.com",
    level: "basic",
    doc: "The Host header, and over TLS the name of the server when it is one",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const requestKeys = {
  path: {
    type: { kind: "path" },
    list: true,
    alone: true,
    otherwise: "/",
    example: "/ok.html",
    level: "basic",
    doc: "What is asked for; path[] for several, all of which are asked for in each probe",
  },
  ...hostKeys,
  header: {
    type: { kind: "header" },
    list: true,
    otherwise: "Host, User-Agent and Accept",
    example: "X-Check: duet",
    level: "advanced",
    doc: "A further header of the request",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const httpKeys = {
  ...requestKeys,
  method: {
    type: oneOf("GET", "HEAD", "POST", "OPTIONS"),
    aliases: ["httpmethod"],
    default: "GET",
    level: "advanced",
    doc: "Method of the request",
  },
  request_body: {
    type: { kind: "text" },
    otherwise: "none",
    example: "ping",
    level: "advanced",
    doc: "Body of the request, with method = POST",
  },
  http_protocol: {
    type: oneOf("1.0", "1.0C", "1.1", "2"),
    default: "1.1",
    level: "advanced",
    doc: "Version of HTTP; 1.0C = 1.0 with Connection: close; 2 = HTTP/2, chosen by ALPN with https and taken for granted with http",
  },
  redirects: {
    type: integer(0, 20),
    default: "0",
    level: "advanced",
    doc: "So many redirects of a path are followed, at the same real server; 0 = they are judged by their status",
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
  regex_options: {
    type: oneOf("caseless", "multiline", "dotall"),
    list: true,
    otherwise: "as it is written",
    example: "caseless",
    level: "advanced",
    doc: "How regex and regex_no_match are read: caseless; multiline = ^ and $ stand at lines; dotall = . is a line feed too",
  },
  regex_no_match: {
    type: { kind: "regex" },
    otherwise: "any body will do",
    example: "error|maintenance",
    level: "advanced",
    doc: "Regular expression that the body must not match",
  },
  digest: {
    type: { kind: "md5" },
    otherwise: "any body will do",
    example: "9b74c9897bac770ffc029102a200c5de",
    level: "advanced",
    doc: "MD5 of the whole body, as keepalived's genhash says it",
  },
  body_limit: {
    type: integer(1, 16 * 1024 * 1024),
    default: "65536",
    level: "advanced",
    doc: "So many bytes of a body are read and judged",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const httpsKeys = { ...httpKeys, ...tlsKeys } as const;

export const plainHttpKeys = {
  ...httpKeys,
  proxy: {
    type: { kind: "bool" },
    default: "no",
    level: "advanced",
    doc: "The real server is a proxy, and is asked for http://HOST/PATH (ldirectord's service = http_proxy)",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const websocketKeys = { ...requestKeys, ...tlsOptionKeys } as const;

export const grpcKeys = {
  ...hostKeys,
  service: {
    type: { kind: "grpc_service" },
    otherwise: "the server as a whole",
    example: "shop.Cart",
    level: "basic",
    doc: "Service that the health service (grpc.health.v1) is asked for",
  },
  ...tlsOptionKeys,
} as const satisfies Readonly<Record<string, KeySpec>>;
