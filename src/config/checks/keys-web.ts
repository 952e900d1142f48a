// Keys of [check.*] that speak HTTP.

import { bool, integer, oneOf, path, text, word } from "../plain-types.ts";
import type { KeySpec } from "../spec.ts";
import { grpcService, httpHeader, md5, statusCodes } from "../values-http.ts";
import { regex } from "../values-payload.ts";
import { tlsKeys, tlsOptionKeys } from "./keys-tls.ts";

/** Of everything that begins with a request. */
// biome-ignore format: a table, a row a key
export const hostKeys = {
  host: { field: "host", type: word, aliases: ["virtualhost"], otherwise: "address and port of the real server", example: "www.example.com", level: "basic",
    doc: "The Host header, and over TLS the name of the server when it is one" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const requestKeys = {
  path: { type: path, list: true, alone: true, otherwise: "/", example: "/ok.html", level: "basic",
    doc: "What is asked for; path[] for several, all of which are asked for in each probe" },
  ...hostKeys,
  header: { field: "headers", type: httpHeader, list: true, otherwise: "Host, User-Agent and Accept", example: "X-Check: duet",
    doc: "A further header of the request" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const httpKeys = {
  ...requestKeys,
  method: { field: "method", type: oneOf("GET", "HEAD", "POST", "OPTIONS"), aliases: ["httpmethod"], default: "GET", doc: "Method of the request" },
  request_body: { field: "requestBody", type: text, otherwise: "none", example: "ping", doc: "Body of the request, with method = POST" },
  http_protocol: { field: "protocol", type: oneOf("1.0", "1.0C", "1.1", "2"), default: "1.1",
    doc: "Version of HTTP; 1.0C = 1.0 with Connection: close; 2 = HTTP/2, chosen by ALPN with https and taken for granted with http" },
  redirects: { field: "redirectsMax", type: integer(0, 20), default: "0",
    doc: "So many redirects of a path are followed, at the same real server; 0 = they are judged by their status" },
  status: { field: "status", type: statusCodes, aliases: ["status_code"], default: "200-299", example: "200 301-302", level: "basic",
    doc: "Status codes and ranges that are a success" },
  body: { type: text, otherwise: "any body will do", example: "ok", level: "basic", doc: "Text that the body must contain" },
  regex: { type: regex, otherwise: "any body will do", example: "^ok",
    doc: "Regular expression that the body must match, in place of body" },
  regex_options: { type: oneOf("caseless", "multiline", "dotall"), list: true, otherwise: "as it is written", example: "caseless",
    doc: "How regex and regex_no_match are read: caseless; multiline = ^ and $ stand at lines; dotall = . is a line feed too" },
  regex_no_match: { field: "bodyNot", type: regex, otherwise: "any body will do", example: "error|maintenance",
    doc: "Regular expression that the body must not match" },
  digest: { field: "digest", type: md5, otherwise: "any body will do", example: "9b74c9897bac770ffc029102a200c5de",
    doc: "MD5 of the whole body, as keepalived's genhash says it" },
  body_limit: { field: "bodyMaxBytes", type: integer(1, 16 * 1024 * 1024), default: "65536", doc: "So many bytes of a body are read and judged" },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const httpsKeys = { ...httpKeys, ...tlsKeys } as const;

// biome-ignore format: a table, a row a key
export const plainHttpKeys = {
  ...httpKeys,
  proxy: { type: bool, default: "no",
    doc: "The real server is a proxy, and is asked for http://HOST/PATH (ldirectord's service = http_proxy)" },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const websocketKeys = { ...requestKeys, ...tlsOptionKeys } as const;

// biome-ignore format: a table, a row a key
export const grpcKeys = {
  ...hostKeys,
  service: { type: grpcService, otherwise: "the server as a whole", example: "shop.Cart", level: "basic",
    doc: "Service that the health service (grpc.health.v1) is asked for" },
  ...tlsOptionKeys,
} as const satisfies Readonly<Record<string, KeySpec>>;
