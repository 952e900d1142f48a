// Checks that speak HTTP.

import type { BodyMatch, HttpHeader, HttpQuestion } from "../../check/model-web.ts";
import { isGiven, lineOf, type Section } from "../draft.ts";
import type { Row } from "../fields.ts";
import type { Report } from "../validate.ts";
import { statusCodes } from "../values-http.ts";
import type { CheckKind } from "./kinds.ts";
import { buildTls, judgeTls, judgeTlsOption, tlsOption, tlsOptionRows, tlsRows } from "./tls.ts";

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
    path: section.values.path[0]?.value ?? "/",
    host: section.values.host ?? null,
    headers: section.values.header.map(({ value }) => value),
  }),
  rows: ({ path, host, headers, tls }) => [
    ["path", path],
    ["host", host],
    ...headers.map(headerRow),
    ...tlsOptionRows(tls),
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

function headerRow({ name, value }: HttpHeader): Row {
  return ["header[]", `${name}: ${value}`];
}

/** `path` alone, or one `path[]` each. */
function pathRows(paths: readonly string[]): readonly Row[] {
  return paths.length === 1
    ? [["path", paths[0] ?? null]]
    : paths.map((path): Row => ["path[]", path]);
}

function buildQuestion({ values }: Section<"check">): HttpQuestion {
  return {
    method: values.method,
    paths: values.path.length === 0 ? ["/"] : values.path.map(({ value }) => value),
    host: values.host ?? null,
    headers: values.header.map(({ value }) => value),
    requestBody: values.request_body ?? null,
    proxied: values.proxy,
    protocol: values.http_protocol,
    redirectsMax: values.redirects,
    status: values.status,
    body: bodyOf(values),
    bodyNot: values.regex_no_match ?? null,
    regexFlags: FLAGS.filter(([word]) => values.regex_options.some(({ value }) => value === word))
      .map(([, flag]) => flag)
      .join(""),
    digest: values.digest ?? null,
    bodyMaxBytes: values.body_limit,
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
  const { status, body } = check;
  return [
    ...pathRows(check.paths),
    ["host", check.host],
    ...check.headers.map(headerRow),
    ["method", check.method],
    ["request_body", check.requestBody],
    ["http_protocol", check.protocol],
    ["redirects", check.redirectsMax],
    ["status", statusCodes.print(status)],
    ["body", body?.kind === "text" ? body.text : null],
    ["regex", body?.kind === "regex" ? body.source : null],
    ["regex_no_match", check.bodyNot],
    ...FLAGS.flatMap(([word, flag]): readonly Row[] =>
      check.regexFlags.includes(flag) ? [["regex_options[]", word]] : [],
    ),
    ["proxy", check.proxied ? "yes" : null],
    ["digest", check.digest],
    ["body_limit", check.bodyMaxBytes],
  ];
}

function judgeQuestion(section: Section<"check">, report: Report): void {
  const { type, method, regex, regex_no_match, proxy, host, http_protocol } = section.values;
  if (isGiven(section, "body") && isGiven(section, "regex")) {
    report(
      Math.max(lineOf(section, "body"), lineOf(section, "regex")),
      "Cannot use body and regex in one check: leave one of them out",
    );
  }
  if (isGiven(section, "regex_options") && !(regex ?? regex_no_match)) {
    report(
      lineOf(section, "regex_options"),
      "Cannot use regex_options without regex or regex_no_match: there is nothing to read so",
    );
  }
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
