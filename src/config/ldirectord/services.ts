// What ldirectord's checks are here: which type a service is checked by, and which of its directives say something there.

import type { Target } from "../foreign/target.ts";

export type Asked = {
  readonly request: string | null;
  readonly receive: string | null;
  readonly virtualHost: string | null;
  readonly httpMethod: string | null;
  readonly login: string | null;
  readonly passwd: string | null;
  readonly database: string | null;
  readonly secret: string | null;
};

/** By the port of the virtual server, when it has no service. */
const SERVICES: Readonly<Record<string, string>> = {
  21: "ftp",
  25: "smtp",
  53: "dns",
  80: "http",
  110: "pop",
  119: "nntp",
  143: "imap",
  389: "ldap",
  443: "https",
  587: "submission",
  636: "ldaps",
  993: "imaps",
  995: "pops",
  1812: "radius",
  3128: "http_proxy",
  3306: "mysql",
  5060: "sip",
  5432: "pgsql",
};

/** services(5) of those whose names are others. */
const NAMES: Readonly<Record<string, string>> = {
  domain: "dns",
  imap2: "imap",
  pop3: "pop",
  pop3s: "pops",
  postgresql: "pgsql",
  "ldap-admin": "ldap",
};

export function serviceOf(port: string | null): string {
  if (port === null) return "none";
  const service = SERVICES[port] ?? NAMES[port] ?? port;
  return Object.values(SERVICES).includes(service) ? service : "none";
}

type Writer = (check: Target, asked: Asked, line: number) => void;

const web =
  (type: "http" | "https"): Writer =>
  (check, { request, receive, virtualHost, httpMethod }, line) => {
    check.set("type", type, line);
    // A request is often written without its slash.
    if (request !== null) check.set("path", `/${request.replace(/^\/+/, "")}`, line);
    if (receive !== null && receive !== "") check.set("regex", receive, line);
    if (virtualHost !== null) check.set("host", virtualHost, line);
    if (httpMethod !== null) check.set("method", httpMethod.toUpperCase(), line);
    // LWP follows seven.
    check.set("redirects", "7", line);
    if (type === "https") check.set("verify", "no", line);
  };

const plain =
  (type: string, tls = false): Writer =>
  (check, { login, passwd }, line) => {
    check.set("type", type, line);
    if (tls) {
      check.set("tls", "yes", line);
      check.set("verify", "no", line);
    }
    if (login !== null) check.set("login", login, line);
    if (passwd !== null) check.set("passwd", passwd, line);
  };

const directory =
  (tls: boolean): Writer =>
  (check, asked, line) => {
    plain("ldap", tls)(check, asked, line);
    if (asked.request !== null) check.set("base", asked.request, line);
  };

const table =
  (type: "mysql" | "postgresql"): Writer =>
  (check, asked, line) => {
    plain(type)(check, asked, line);
    if (asked.database !== null) check.set("database", asked.database, line);
    if (asked.request !== null) check.set("query", asked.request, line);
  };

/** undefined = a service that nothing here asks. */
export const WRITERS: Readonly<Record<string, Writer>> = {
  http: web("http"),
  https: web("https"),
  http_proxy: (check, asked, line) => {
    web("http")(check, { ...asked, request: null }, line);
    check.set("proxy", "yes", line);
    if (asked.request !== null) check.set("path", asked.request, line);
  },
  dns: (check, { request, receive }, line) => {
    check.set("type", "dns", line);
    check.set("query_type", "A", line);
    if (request !== null) check.set("query_name", request, line);
    if (receive !== null && receive !== "") check.set("answer_regex", receive, line);
  },
  smtp: (check, asked, line) => plain("smtp")(check, { ...asked, login: null, passwd: null }, line),
  submission: (check, asked, line) =>
    plain("smtp")(check, { ...asked, login: null, passwd: null }, line),
  ftp: plain("ftp"),
  pop: plain("pop3"),
  pops: plain("pop3", true),
  imap: plain("imap"),
  imaps: plain("imap", true),
  nntp: (check, _, line) => void check.set("type", "nntp", line),
  ldap: directory(false),
  ldaps: directory(true),
  mysql: table("mysql"),
  pgsql: table("postgresql"),
  radius: (check, asked, line) => {
    plain("radius")(check, asked, line);
    if (asked.secret !== null) check.set("secret", asked.secret, line);
  },
  sip: (check, _, line) => void check.set("type", "sip", line),
  simpletcp: (check, { request, receive }, line) => {
    check.set("type", "tcp", line);
    if (request !== null && request !== "") check.add("send", request, line);
    if (receive !== null && receive !== "") check.add("expect", `regex:${receive}`, line);
  },
};
