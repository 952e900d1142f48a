// The checks that meet bad servers, and right answers to them that have no end.

import type { CheckConfig, CheckConfigOf, CheckType } from "../../src/check/types/index.ts";
import { commonCheck, httpQuestion, tlsUse } from "./checks.ts";

export const TIMEOUT_MS = 400;

const common = { ...commonCheck, timeoutMs: TIMEOUT_MS };

const PING = Buffer.from("PING\r\n").toString("hex");
const DIALOGUE = [
  { kind: "send", hex: PING },
  { kind: "expect", hex: PING },
] as const;

const upgrade = { tls: null, path: "/", host: null, headers: [] };

export type BadCase<C extends CheckConfig = CheckConfig> = {
  readonly config: C;
  /** Bad servers that are good enough for it; "all" where it only connects. */
  readonly content?: readonly string[] | "all";
  readonly over?: "udp";
  /** Right answers without an end; true = good enough for it as a flood, because it reads no further. */
  readonly endless?: readonly (readonly [first: string, again: string, isContent?: true])[];
};

const NUL = "\0";
/** A record whose handshake message says that it has 64 KiB. */
const TLS_HELLO = [hex("1603034000" + "0200ffff0303"), NUL] as const;
const HTTP_HEAD = "HTTP/1.1 200 OK\r\n";
const HTTP_ENDLESS = [
  [`${HTTP_HEAD}X: `, "x"],
  [HTTP_HEAD, "X: x\r\n"],
  ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"],
] as const;
const UPGRADED =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
/** Empty SETTINGS, and then PING, or a HEADERS of stream 1 that CONTINUATION goes on with. */
const SETTINGS = "000000040000000000";
const HTTP2_ENDLESS = [
  [hex(SETTINGS), hex("0000080600000000000102030405060708")],
  [hex(`${SETTINGS}00000101000000000188`), hex("00000509000000000100" + "01610162")],
] as const;
const LDAP_BOUND = hex("300c02010161070a010004000400");
const POSTGRESQL_IN = hex("520000000800000000");

const talkUse = { tls: null, starttls: false, login: { name: "anna", password: "secret" } };

const database = { ...talkUse, database: null, query: "SELECT 1" };

const question = {
  queryName: ".",
  queryType: "SOA",
  recursion: true,
  rcode: "NOERROR",
  answer: null,
} as const;

const lengths = { replyBytesMin: 0, replyBytesMax: 255 };

const radius = {
  secret: "s",
  nasIp: null,
  nasIdentifier: "duet",
  reply: "any",
  requireMessageAuthenticator: false,
} as const;

const ldap = { tls: null, starttls: false, login: null, base: "" } as const;

const sip = { tls: null, to: null, from: null, status: [[200, 299]] } as const;

/** A new type of check is a line here; null = it asks no server. */
export const BAD_CASES: { readonly [T in CheckType]: readonly BadCase<CheckConfigOf<T>>[] | null } =
  {
    tcp: [
      {
        config: { ...common, type: "tcp", tls: null, steps: [] },
        content: "all",
      },
      {
        config: { ...common, type: "tcp", tls: null, steps: DIALOGUE },
        content: ["sends back what it gets"],
        endless: [["", "PONG\r\n"]],
      },
      { config: { ...common, type: "tcp", tls: tlsUse, steps: [] }, endless: [TLS_HELLO] },
    ],
    misc: null,
    file: null,
    bfd: null,
    on: null,
    off: null,
    tls: [{ config: { ...common, type: "tls", tls: tlsUse }, endless: [TLS_HELLO] }],
    http: [
      {
        config: { ...common, ...httpQuestion, type: "http", tls: null },
        endless: [
          ...HTTP_ENDLESS,
          [`${HTTP_HEAD}\r\n`, "x", true],
          [`${HTTP_HEAD}Content-Length: 9999999999\r\n\r\n`, "x", true],
          [`${HTTP_HEAD}Transfer-Encoding: chunked\r\n\r\n`, "1\r\nx\r\n", true],
          [`${HTTP_HEAD}Transfer-Encoding: chunked\r\n\r\n1;`, "x"],
          [`${HTTP_HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n`, "X: x\r\n"],
        ],
      },
      {
        config: { ...common, ...httpQuestion, protocol: "1.0", type: "http", tls: null },
        endless: HTTP_ENDLESS,
      },
      {
        config: { ...common, ...httpQuestion, protocol: "2", type: "http", tls: null },
        endless: HTTP2_ENDLESS,
      },
    ],
    redis: [
      {
        config: { ...common, type: "redis", tls: null, login: null, role: "master" },
        endless: [
          ["+PONG\r\n", "*3\r\n"],
          ["+", "PONG"],
        ],
      },
    ],
    memcached: [
      { config: { ...common, type: "memcached", tls: null }, endless: [["VERSION ", "1"]] },
    ],
    mqtt: [
      {
        config: { ...common, type: "mqtt", tls: null, version: "5", clientId: null, login: null },
        endless: [
          [hex("20"), hex("ff")],
          [hex("20fffe3f"), "x"],
        ],
      },
    ],
    websocket: [
      {
        config: { ...common, ...upgrade, type: "websocket" },
        endless: [
          ...HTTP_ENDLESS,
          [`${UPGRADED}\r\n`, hex("81fe")],
          [UPGRADED, "X: x\r\n"],
          ["HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n"],
        ],
      },
    ],
    grpc: [
      {
        config: { ...common, type: "grpc", tls: null, host: null, service: "" },
        endless: HTTP2_ENDLESS,
      },
    ],
    https: [
      { config: { ...common, ...httpQuestion, type: "https", tls: tlsUse }, endless: [TLS_HELLO] },
    ],
    smtp: [
      {
        config: { ...common, type: "smtp", ...talkUse, heloName: "localhost" },
        endless: [
          ["220-x\r\n", "220-x\r\n"],
          ["220 mx\r\n", "250-x\r\n"],
        ],
      },
      {
        config: { ...common, type: "smtp", ...talkUse, heloName: "localhost", tls: tlsUse },
        endless: [TLS_HELLO],
      },
    ],
    pop3: [{ config: { ...common, type: "pop3", ...talkUse }, endless: [["+OK ", "x"]] }],
    imap: [{ config: { ...common, type: "imap", ...talkUse }, endless: [["* OK\r\n", "* x\r\n"]] }],
    ftp: [
      {
        config: { ...common, type: "ftp", ...talkUse },
        endless: [
          ["220-x\r\n", "220-x\r\n"],
          ["120 soon\r\n", "120 soon\r\n"],
        ],
      },
    ],
    nntp: [{ config: { ...common, type: "nntp", ...talkUse }, endless: [["200-", "x"]] }],
    dns: [
      { config: { ...common, type: "dns", transport: "udp", ...question }, over: "udp" },
      {
        config: { ...common, type: "dns", transport: "tcp", ...question },
        endless: [[hex("ffff"), NUL]],
      },
    ],
    udp: [
      {
        config: { ...common, type: "udp", payload: null, reply: "0a0b0c0dXX", ...lengths },
        over: "udp",
      },
      {
        config: { ...common, type: "udp", payload: null, reply: null, ...lengths },
        over: "udp",
        content: "all",
      },
    ],
    ping: null,
    ldap: [
      {
        config: { ...common, type: "ldap", ...ldap },
        endless: [
          [hex("3083" + "0fffff"), NUL],
          [LDAP_BOUND, hex("3009020102640404003000")],
        ],
      },
      { config: { ...common, type: "ldap", ...ldap, starttls: true, tls: tlsUse } },
    ],
    mysql: [
      { config: { ...common, type: "mysql", ...database }, endless: [[hex("ffff0f000a"), "x"]] },
    ],
    postgresql: [
      {
        config: { ...common, type: "postgresql", ...database, role: null },
        endless: [
          [hex("52000fffff"), NUL],
          [POSTGRESQL_IN, hex("4e000000064d00")],
        ],
      },
      { config: { ...common, type: "postgresql", ...database, role: null, tls: tlsUse } },
    ],
    radius: [
      { config: { ...common, type: "radius", ...radius, login: null }, over: "udp" },
      { config: { ...common, type: "radius", ...radius, login: talkUse.login }, over: "udp" },
    ],
    sip: [
      { config: { ...common, type: "sip", ...sip, transport: "udp" }, over: "udp" },
      {
        config: { ...common, type: "sip", ...sip, transport: "tcp" },
        endless: [
          ["SIP/2.0 200 OK\r\nX: ", "x"],
          ["SIP/2.0 100 Trying\r\n\r\n", "SIP/2.0 100 Trying\r\n\r\n"],
        ],
      },
      { config: { ...common, type: "sip", ...sip, transport: "tcp", tls: tlsUse } },
    ],
    ntp: [{ config: { ...common, type: "ntp", stratumMax: 15 }, over: "udp" }],
  };

function hex(digits: string): string {
  return Buffer.from(digits, "hex").toString("latin1");
}
