// Checks that speak HTTP: their keys, what they come to, and their rules.

import type { BodyMatch, HttpQuestion } from "../../check/model-web.ts";
import { fieldsOf, type Row, rowsOf } from "../schema/fields.ts";
import { bool, integer, oneOf, path, text, word } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { isGiven, lineOf, type Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";
import type { CheckKind } from "./kinds.ts";
import { regex } from "./payload.ts";
import {
  buildTls,
  judgeTls,
  judgeTlsOption,
  tlsKeys,
  tlsOption,
  tlsOptionKeys,
  tlsOptionRows,
  tlsRows,
} from "./tls.ts";
import { grpcService, httpHeader, md5, statusCodes } from "./values.ts";

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
  regex: { type: regex, otherwise: "any body will do", example: "^ok", excludes: "body",
    doc: "Regular expression that the body must match, in place of body" },
  regex_options: { type: oneOf("caseless", "multiline", "dotall"), list: true, otherwise: "as it is written", example: "caseless", requires: { keys: ["regex", "regex_no_match"], why: "there is nothing to read so" },
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

export const http: CheckKind<"http"> = {
  build: (section) => ({ ...buildQuestion(section), tls: null }),
  rows: questionRows,
  judge: judgeQuestion,
};

export const https: CheckKind<"https"> = {
  build: (section) => ({
    ...buildQuestion(section),
    tls: buildTls(section, section.values.host ?? null),
  }),
  rows: (check) => [...questionRows(check), ...tlsRows(check.tls)],
  judge(section, report) {
    judgeQuestion(section, report);
    judgeTls(section, report);
  },
};

export const websocket: CheckKind<"websocket"> = {
  build: (section) => ({
    tls: tlsOption(section, section.values.host ?? null),
    ...fieldsOf(requestKeys, section.values),
    path: section.values.path[0]?.value ?? "/",
  }),
  rows: (check) => [
    ["path", check.path],
    ...rowsOf(requestKeys, check),
    ...tlsOptionRows(check.tls),
  ],
  judge(section, report) {
    judgeTlsOption(section, report);
    const second = section.values.path[1];
    if (second === undefined) return;
    report(second.line, "Cannot use a second path: a websocket check has one handshake");
  },
};

export const grpc: CheckKind<"grpc"> = {
  build: (section) => ({
    tls: tlsOption(section, section.values.host ?? null),
    host: section.values.host ?? null,
    service: section.values.service ?? "",
  }),
  rows: ({ host, service, tls }) => [
    ["host", host],
    ["service", service === "" ? null : service],
    ...tlsOptionRows(tls),
  ],
  judge: judgeTlsOption,
};

/** `path` alone, or one `path[]` each. */
function pathRows(paths: readonly string[]): readonly Row[] {
  return paths.length === 1
    ? [["path", paths[0] ?? null]]
    : paths.map((path): Row => ["path[]", path]);
}

function buildQuestion({ values }: Section<"check">): HttpQuestion {
  return {
    ...fieldsOf(httpKeys, values),
    paths: values.path.length === 0 ? ["/"] : values.path.map(({ value }) => value),
    proxied: values.proxy,
    body: bodyOf(values),
    regexFlags: FLAGS.filter(([word]) => values.regex_options.some(({ value }) => value === word))
      .map(([, flag]) => flag)
      .join(""),
  };
}

const FLAGS = [
  ["caseless", "i"],
  ["multiline", "m"],
  ["dotall", "s"],
] as const;

function bodyOf({ body, regex }: Section<"check">["values"]): BodyMatch | null {
  if (body !== undefined) return { kind: "text", text: body };
  return regex === undefined ? null : { kind: "regex", source: regex };
}

function questionRows(check: HttpQuestion): readonly Row[] {
  const { body } = check;
  return [
    ...pathRows(check.paths),
    ...rowsOf(httpKeys, check),
    ["body", body?.kind === "text" ? body.text : null],
    ["regex", body?.kind === "regex" ? body.source : null],
    ...FLAGS.flatMap(([word, flag]): readonly Row[] =>
      check.regexFlags.includes(flag) ? [["regex_options[]", word]] : [],
    ),
    ["proxy", check.proxied ? "yes" : null],
  ];
}

function judgeQuestion(section: Section<"check">, report: Report): void {
  const { type, method, proxy, host, http_protocol } = section.values;
  const isProxy = type === "http" && proxy;
  if (isProxy && host === undefined) {
    report(
      lineOf(section, "proxy"),
      'Cannot use proxy without host: say what it is asked for, such as "host = www.example.com"',
    );
  }
  if (isProxy && http_protocol === "2") {
    report(
      lineOf(section, "proxy"),
      "Cannot use proxy with http_protocol = 2: it is for 1.0 and 1.1",
    );
  }
  if (isGiven(section, "request_body") && method !== "POST") {
    report(
      lineOf(section, "request_body"),
      `Cannot use request_body with ${method}: add "method = POST"`,
    );
  }
  if (method !== "HEAD") return;
  for (const key of ["body", "regex", "regex_no_match", "digest"] as const) {
    if (!isGiven(section, key)) continue;
    report(lineOf(section, key), `Cannot use ${key} with method = HEAD: its answer has no body`);
  }
}
