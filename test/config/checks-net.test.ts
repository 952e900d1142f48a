// Checks that ask by one packet, those of servers that one logs in to, and of databases.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { checkOf, configOf, linesOf, checkText as text } from "./helpers.ts";

const right: readonly (readonly [string, readonly string[], object])[] = [
  [
    "smtp alone",
    ["type = smtp"],
    { heloName: "localhost", tls: null, starttls: false, login: null },
  ],
  [
    "smtp with everything",
    [
      "type = smtp",
      "helo_name = lb1.test",
      "starttls",
      "sni_name = mx.test",
      "login = anna",
      "passwd = 'a ; b'",
    ],
    {
      heloName: "lb1.test",
      starttls: true,
      tls: { serverName: "mx.test", verify: true },
      login: { name: "anna", password: "a ; b" },
    },
  ],
  [
    "imap over TLS",
    ["type = imap", "tls = yes", "verify = no"],
    { starttls: false, tls: { verify: false } },
  ],
  [
    "a login without a password",
    ["type = ftp", "login = anonymous"],
    { login: { name: "anonymous", password: "" } },
  ],
  [
    "dns as keepalived asks",
    ["type = dns"],
    {
      transport: "udp",
      queryName: ".",
      queryType: "SOA",
      recursion: true,
      rcode: "NOERROR",
      answer: null,
    },
  ],
  [
    "dns with an answer",
    [
      "type = dns",
      "query_name = www.test.",
      "query_type = mx",
      "transport = tcp",
      "recursion = no",
      "answer = 10 mx.test",
    ],
    {
      transport: "tcp",
      queryName: "www.test",
      queryType: "MX",
      answer: { kind: "text", text: "10 mx.test" },
    },
  ],
  [
    "dns with a pattern",
    ["type = dns", "rcode = nxdomain", "answer_regex = ^10"],
    { rcode: "NXDOMAIN", answer: { kind: "regex", source: "^10" } },
  ],
  [
    "udp alone",
    ["type = udp"],
    { payload: null, reply: null, replyBytesMin: 0, replyBytesMax: 65_507 },
  ],
  [
    "udp as keepalived writes it",
    ["type = udp", "payload = hex:0a 0b", "require_reply = 0AxX", "max_reply_length = 9"],
    { payload: "0a0b", reply: "0aXX", replyBytesMax: 9 },
  ],
  [
    "udp with a text",
    ["type = udp", String.raw`payload = stats\n`, "require_reply"],
    { payload: "73746174730a", reply: "" },
  ],
  [
    "mysql",
    ["type = mysql", "login = probe", "passwd = s", "database = shop", "request = SELECT 2", "tls"],
    {
      login: { name: "probe", password: "s" },
      database: "shop",
      query: "SELECT 2",
      tls: { verify: true },
    },
  ],
  [
    "postgresql",
    ["type = postgresql", "login = probe", "server_role = standby"],
    { database: null, query: "SELECT 1", role: "standby", tls: null },
  ],
  ["ldap", ["type = ldap"], { login: null, base: null, tls: null, starttls: false }],
  [
    "ldap with StartTLS and a certificate of its own",
    ["type = ldap", "starttls", "certificate = /a.pem", "key = /a.key"],
    { starttls: true, tls: { own: { certificateFile: "/a.pem", keyFile: "/a.key" } } },
  ],
  [
    "a certificate and its key in one file",
    ["type = imap", "tls", "certificate = /a.pem"],
    { tls: { own: { certificateFile: "/a.pem", keyFile: "/a.pem" } } },
  ],
  [
    "ldap with everything",
    ["type = ldap", "tls", "login = cn=probe", "passwd = s", "base = dc=example"],
    { login: { name: "cn=probe", password: "s" }, base: "dc=example", tls: { verify: true } },
  ],
  ["ping", ["type = ping"], { type: "ping" }],
  ["ntp", ["type = ntp", "stratum_max = 3"], { stratumMax: 3 }],
  [
    "radius",
    ["type = radius", "secret = 'a ; b'", "login = anna", "password = s", "nas_ip = 10.0.0.1"],
    {
      secret: "a ; b",
      login: { name: "anna", password: "s" },
      nasIp: "10.0.0.1",
      nasIdentifier: "duet",
      reply: "accept",
      requireMessageAuthenticator: false,
    },
  ],
  [
    "sip alone",
    ["type = sip"],
    { transport: "udp", to: null, from: null, status: [[200, 299]], tls: null },
  ],
  [
    "sip with everything",
    [
      "type = sip",
      "transport = tcp",
      "to = 'ping;x=1@sip.test:5061;transport=tcp'",
      "from = SIP:[2001:db8::1]",
      "status = 200 404",
      "tls",
    ],
    {
      transport: "tcp",
      to: "sip:ping;x=1@sip.test:5061;transport=tcp",
      from: "sip:[2001:db8::1]",
      status: [
        [200, 200],
        [404, 404],
      ],
      tls: { serverName: "sip.test" },
    },
  ],
  ["imap, mostly by a connection", ["type = imap", "connects = 5"], { connects: 5 }],
  ["radius for its status", ["type = radius", "secret = s"], { login: null }],
];

for (const [name, lines, wanted] of right) {
  test(`${name} is read, and printed as it was`, (t) => {
    const written = text(...lines);
    t.like(checkOf(written), wanted);
    t.deepEqual(configOf(printConfig(configOf(written))), configOf(written));
  });
}

const wrong: readonly (readonly [readonly string[], string])[] = [
  [["type = pop3", "passwd = s"], "3: Cannot use passwd without login: say who logs in"],
  [
    ["type = pop3", "tls", "starttls"],
    "4: Cannot use tls and starttls in one check: leave one of them out",
  ],
  [["type = pop3", "verify = no"], '3: Cannot use verify without TLS: add "tls = yes"'],
  [
    ["type = dns", "answer = a", "answer_regex = b"],
    "4: Cannot use answer and answer_regex in one check: leave one of them out",
  ],
  [
    ["type = dns", "query_name = a..b"],
    '3: Cannot use query_name "a..b": it must be a domain name such as www.example.com, or . for the root of all names',
  ],
  [
    ["type = udp", "require_reply = 0"],
    "3: Cannot use require_reply 0: it must be yes, or pairs of hex digits, with X for any digit, such as 0d0aXX",
  ],
  [
    ["type = udp", "require_reply", "max_reply_length = 255", "min_reply_length = 300"],
    "5: Cannot use min_reply_length 300: it must be at most max_reply_length, which is 255",
  ],
  [
    ["type = udp", "max_reply_length = 3"],
    "3: Cannot use max_reply_length without require_reply: silence has no length",
  ],
  [
    ["type = udp", "require_reply = 0a0b", "max_reply_length = 1"],
    "3: Cannot use require_reply of 2 bytes: max_reply_length is 1",
  ],
  [
    ["type = ldap", "login = cn=a"],
    "3: Cannot use login without passwd: say both, or none of them",
  ],
  [
    ["type = mysql", "database = shop"],
    '1: Cannot use [check.c] without login: add a line such as "login = probe"',
  ],
  [
    ["type = sip", "tls"],
    '3: Cannot use tls with transport = udp, the default: add "transport = tcp"',
  ],
  [
    ["type = sip", "to = a b@c"],
    '3: Cannot use to "a b@c": it must be an address of SIP such as sip:ping@example.com',
  ],
  [
    ["type = sip", "connects = 2"],
    "3: Cannot use connects with transport = udp: datagrams have no connection",
  ],
  [
    ["type = tcp", "connects = 2"],
    "3: Cannot use connects without send[] or expect[]: every probe only connects",
  ],
  [
    ["type = radius"],
    '1: Cannot use [check.c] without secret: add a line such as "secret = testing123"',
  ],
  [
    ["type = radius", "secret = s", "passwd = s"],
    "4: Cannot use passwd without login: say both, or none of them",
  ],
  [
    ["type = radius", "secret = s", "reply = any"],
    "4: Cannot use reply without login: a status is no verdict",
  ],
  [
    ["type = radius", "secret = s", "login = a", `passwd = ${"s".repeat(129)}`],
    "5: Cannot use passwd: RADIUS has 128 bytes for it",
  ],
  [["type = ntp", "stratum_max = 16"], "3: Cannot use stratum_max 16: it must be 1 to 15"],
];

for (const [lines, problem] of wrong) {
  test(`${lines.join(", ")}: ${problem}`, (t) => {
    t.deepEqual(linesOf(text(...lines)), [problem]);
  });
}

test("a password is not told in a problem", (t) => {
  const lines = linesOf(text("type = pop3", "login = anna", `passwd = ${"s".repeat(1025)}`));
  t.deepEqual(lines, ['4: Cannot use passwd "…": it must be up to 1024 letters long']);
});
