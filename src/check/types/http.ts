// Requests over HTTP, and over HTTPS.

import type { Row } from "../../config/schema/fields.ts";
import { type Fields, fieldsOf, rowsOf } from "../../config/schema/fields.ts";
import { accept, type Judged, refuse } from "../../config/schema/judged.ts";
import { bool, integer, oneOf, path, text, word } from "../../config/schema/plain-types.ts";
import type { KeyType } from "../../config/schema/type.ts";
import { connects } from "./connects.ts";
import { type BodyMatch, matchOf, matchRows, regex } from "./payload.ts";
import { tlsAlways } from "./tls.ts";
import {
  type CheckKind,
  isGiven,
  lineOf,
  plain,
  type Report,
  type Rows,
  type Written,
} from "./type.ts";

export type HttpHeader = { readonly name: string; readonly value: string };
/** Inclusive. */
export type StatusRanges = readonly (readonly [number, number])[];

const httpHeader: KeyType<HttpHeader> = {
  parse: parseHeader,
  print: ({ name, value }) => `${name}: ${value}`,
  help: "NAME: VALUE",
};

const md5: KeyType<string> = {
  parse: (digits) =>
    /^[\da-f]{32}$/i.test(digits)
      ? accept(digits.toLowerCase())
      : refuse("an MD5 sum: 32 hex digits"),
  print: (sum) => sum,
  help: "32 hex digits",
};

const statusCodes: KeyType<StatusRanges> = {
  parse: parseStatus,
  print: (ranges) => ranges.map(([low, high]) => (low === high ? low : `${low}-${high}`)).join(" "),
  help: "status codes and ranges, 100 to 599",
};

/** Of everything that begins with a request. */
// biome-ignore format: a table, a row a key
export const host = plain({
  host: { field: "host", type: word, aliases: ["virtualhost"], otherwise: "address and port of the real server", example: "www.example.com", level: "basic",
    doc: "The Host header, and over TLS the name of the server when it is one" },
});

// biome-ignore format: a table, a row a key
export const requestKeys = {
  path: { type: path, list: true, alone: true, otherwise: "/", example: "/ok.html", level: "basic",
    doc: "What is asked for; path[] for several, all of which are asked for in each probe" },
  ...host.keys,
  header: { field: "headers", type: httpHeader, list: true, otherwise: "Host, User-Agent and Accept", example: "X-Check: duet",
    doc: "A further header of the request" },
} as const satisfies Rows;

/** Which answers are a success. */
// biome-ignore format: a table, a row a key
export const status = plain({
  status: { field: "status", type: statusCodes, aliases: ["status_code"], default: "200-299", example: "200 301-302", level: "basic",
    doc: "Status codes and ranges that are a success" },
});

// biome-ignore format: a table, a row a key
const keys = {
  ...requestKeys,
  method: { field: "method", type: oneOf("GET", "HEAD", "POST", "OPTIONS"), aliases: ["httpmethod"], default: "GET", doc: "Method of the request" },
  request_body: { field: "requestBody", type: text, otherwise: "none", example: "ping", doc: "Body of the request, with method = POST" },
  http_protocol: { field: "protocol", type: oneOf("1.0", "1.0C", "1.1", "2"), default: "1.1",
    doc: "Version of HTTP; 1.0C = 1.0 with Connection: close; 2 = HTTP/2, chosen by ALPN with https and taken for granted with http" },
  redirects: { field: "redirectsMax", type: integer(0, 20), default: "0",
    doc: "So many redirects of a path are followed, at the same real server; 0 = they are judged by their status" },
  ...status.keys,
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
} as const satisfies Rows;

// biome-ignore format: a table, a row a key
const proxyKeys = {
  proxy: { type: bool, default: "no",
    doc: "The real server is a proxy, and is asked for http://HOST/PATH (ldirectord's service = http_proxy)" },
} as const satisfies Rows;

export type HttpQuestion = Fields<typeof keys> & {
  /** All of them in one probe, one after the other. */
  readonly paths: readonly string[];
  readonly body: BodyMatch | null;
  /** Of both expressions: letters of JavaScript. */
  readonly regexFlags: string;
  /** The server is a proxy, that is asked for http://HOST/PATH. */
  readonly proxied: boolean;
};
export type HttpMethod = HttpQuestion["method"];
/** "1.0" = without a Connection header, "1.0C" = with it, "2" = without an upgrade (prior knowledge, or ALPN). */
export type HttpProtocol = HttpQuestion["protocol"];

const FLAGS = [
  ["caseless", "i"],
  ["multiline", "m"],
  ["dotall", "s"],
] as const;

const question = {
  keys,
  build({ values }: Written<typeof keys>): Omit<HttpQuestion, "proxied"> {
    const options = values.regex_options.map(({ value }) => value);
    return {
      ...fieldsOf(keys, values),
      paths: values.path.length === 0 ? ["/"] : values.path.map(({ value }) => value),
      body: matchOf(values.body, values.regex),
      regexFlags: FLAGS.flatMap(([option, flag]) => (options.includes(option) ? flag : [])).join(
        "",
      ),
    };
  },
  rows: (check: Omit<HttpQuestion, "proxied">): readonly Row[] => [
    ...pathRows(check.paths),
    ...rowsOf(keys, check),
    ...matchRows("body", "regex", check.body),
    ...FLAGS.flatMap(([option, flag]): readonly Row[] =>
      check.regexFlags.includes(flag) ? [["regex_options[]", option]] : [],
    ),
  ],
  judge(section: Written<typeof keys>, report: Report) {
    const { method } = section.values;
    if (isGiven(section, "request_body") && method !== "POST") {
      report(
        lineOf(section, "request_body"),
        `Cannot use request_body with ${method}: add "method = POST"`,
      );
    }
    if (method !== "HEAD") return;
    for (const key of ["body", "regex", "regex_no_match", "digest"]) {
      if (!isGiven(section, key)) continue;
      report(lineOf(section, key), `Cannot use ${key} with method = HEAD: its answer has no body`);
    }
  },
} as const;

const proxy = {
  keys: proxyKeys,
  build: ({ values }: Written<typeof proxyKeys>) => ({ proxied: values.proxy }),
  rows: ({ proxied }: { readonly proxied: boolean }) =>
    [["proxy", proxied ? "yes" : null]] as const,
  judge(section: Written<typeof proxyKeys & typeof keys>, report: Report) {
    const { proxy: isProxy, host: asked, http_protocol } = section.values;
    if (!isProxy) return;
    if (asked === undefined) {
      report(
        lineOf(section, "proxy"),
        'Cannot use proxy without host: say what it is asked for, such as "host = www.example.com"',
      );
    }
    if (http_protocol === "2") {
      report(
        lineOf(section, "proxy"),
        "Cannot use proxy with http_protocol = 2: it is for 1.0 and 1.1",
      );
    }
  },
} as const;

/** What a type without a choice builds. */
function always<F extends object>(fields: F) {
  return { keys: {}, build: (): F => fields, rows: (): readonly Row[] => [] } as const;
}

const doc = "a right answer to a request";

export const http = {
  doc,
  parts: [question, proxy, always({ tls: null }), connects],
} as const satisfies CheckKind;

export const https = {
  doc,
  parts: [question, always({ proxied: false }), tlsAlways, connects],
} as const satisfies CheckKind;

/** `path` alone, or one `path[]` each. */
function pathRows(paths: readonly string[]): readonly Row[] {
  return paths.length === 1
    ? [["path", paths[0] ?? null]]
    : paths.map((each): Row => ["path[]", each]);
}

/** What duet says itself, or what says where a message ends. RFC 9110 section 7.6.1, RFC 9113 section 8.2.2. */
const OWN: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

function parseHeader(written: string): Judged<HttpHeader> {
  const [, name = "", value = ""] =
    /^([!#$%&'*+.^_`|~\w-]{1,100}):\s*([\x20-\x7e\t]+)$/.exec(written) ?? [];
  if (name === "") return refuse("NAME: VALUE, in ASCII");
  if (name.toLowerCase() === "host")
    return refuse("another header: the Host header is the key host");
  return OWN.has(name.toLowerCase())
    ? refuse(`another header: ${name} is duet's own business`)
    : accept({ name, value: value.trim() });
}

function parseStatus(written: string): Judged<StatusRanges> {
  const right = "status codes from 100 to 599 and ranges of them, such as 200 301-302";
  const ranges: (readonly [number, number])[] = [];
  for (const part of written.split(/[\s,]+/)) {
    const match = /^(\d{3})(?:-(\d{3}))?$/.exec(part);
    if (match === null) return refuse(right);
    const low = Number(match[1]);
    const high = Number(match[2] ?? match[1]);
    if (low < 100 || high > 599 || low > high) return refuse(right);
    ranges.push([low, high]);
  }
  return accept(ranges);
}
