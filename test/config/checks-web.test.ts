// Checks that speak HTTP.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { checkOf, checkText, configOf, linesOf } from "./helpers.ts";

test("an http check asks for / with GET, and judges the status", (t) => {
  t.like(checkOf(checkText("type = http")), {
    method: "GET",
    paths: ["/"],
    protocol: "1.1",
    status: [[200, 299]],
    redirectsMax: 0,
    tls: null,
  });
});

test("an https check keeps all that it says through print", (t) => {
  const written = checkText(
    "type = https",
    "path[] = /a",
    "path[] = /b",
    "virtualhost = www.example.com:8443",
    "header[] = X-One: 1",
    'header[] = "X-Two: a; b"',
    "method = POST",
    "request_body = ping",
    "http_protocol = 2",
    "redirects = 3",
    "status = 200 301-302",
    "regex = ^ok",
    "regex_no_match = error",
    "regex_options[] = dotall",
    "regex_options[] = caseless",
    "log_all_failures",
    "digest = 9B74C9897BAC770FFC029102A200C5DE",
    "body_limit = 1000",
    "ca = /etc/duet/ca.pem",
  );
  t.like(checkOf(written), {
    type: "https",
    paths: ["/a", "/b"],
    headers: [
      { name: "X-One", value: "1" },
      { name: "X-Two", value: "a; b" },
    ],
    protocol: "2",
    regexFlags: "is",
    logsFailures: true,
    digest: "9b74c9897bac770ffc029102a200c5de",
    tls: { serverName: "www.example.com", verify: true, caFile: "/etc/duet/ca.pem" },
  });
  t.deepEqual(configOf(printConfig(configOf(written))), configOf(written));
});

test("a check of a proxy says of whom it is asked", (t) => {
  const written = checkText("type = http", "proxy = yes", "host = www.example.com");
  t.like(checkOf(written), { proxied: true, host: "www.example.com" });
  t.deepEqual(configOf(printConfig(configOf(written))), configOf(written));
  for (const [lines, problem] of [
    [
      ["type = http", "proxy = yes"],
      '3: Cannot use proxy without host: say what it is asked for, such as "host = www.example.com"',
    ],
    [
      ["type = http", "proxy = yes", "host = a", "http_protocol = 2"],
      "3: Cannot use proxy with http_protocol = 2: it is for 1.0 and 1.1",
    ],
    [["type = https", "proxy = yes"], "3: Cannot use proxy with type https: it is for type = http"],
    [
      ["type = http", "regex_options[] = caseless"],
      "3: Cannot use regex_options without regex or regex_no_match: there is nothing to read so",
    ],
  ] as const) {
    t.deepEqual(linesOf(checkText(...lines)), [problem]);
  }
});

test("websocket and grpc checks keep all that they say through print", (t) => {
  for (const [lines, like] of [
    [
      [
        "type = websocket",
        "path = /chat",
        "host = www.example.com",
        "header[] = Origin: https://a",
        "tls = yes",
      ],
      { path: "/chat", tls: { serverName: "www.example.com" } },
    ],
    [["type = websocket"], { path: "/", tls: null }],
    [
      ["type = grpc", "service = shop.Cart", "tls = yes", "verify = no"],
      { service: "shop.Cart", tls: { verify: false } },
    ],
    [["type = grpc"], { service: "", tls: null, host: null }],
  ] as const) {
    const written = checkText(...lines);
    t.like(checkOf(written), like);
    t.deepEqual(configOf(printConfig(configOf(written))), configOf(written));
  }
  t.deepEqual(linesOf(checkText("type = websocket", "path[] = /a", "path[] = /b")), [
    "4: Cannot use a second path: a websocket check has one handshake",
  ]);
});

for (const [host, serverName] of [
  ["10.0.0.1", null],
  ["[2001:db8::1]:443", null],
  ["www.example.com", "www.example.com"],
] as const) {
  test(`the SNI of an https check with host = ${host} is ${serverName}`, (t) => {
    t.like(checkOf(checkText("type = https", `host = ${host}`)), { tls: { serverName } });
  });
}

test("one path is written as path = or as path[] =, and only once as path =", (t) => {
  t.deepEqual(
    checkOf(checkText("type = http", "path[] = /a")),
    checkOf(checkText("type = http", "path = /a")),
  );
  t.deepEqual(linesOf(checkText("type = http", "path = /a", "path = /b")), [
    "4: Cannot use path twice: line 3 has it already",
  ]);
});

for (const [what, lines, problem] of [
  [
    "a body without POST",
    ["request_body = x"],
    /^3: Cannot use request_body with GET: add "method = POST"$/,
  ],
  ["a body of HEAD", ["method = HEAD", "body = x"], /^4: Cannot use body with method = HEAD/],
  ["body and regex", ["body = x", "regex = x"], /^4: Cannot use body and regex in one check/],
  ["half a digest", ["digest = abc"], /^3: Cannot use digest "abc": it must be an MD5 sum/],
  ["no header", ["header[] = X-One"], /^3: Cannot use header "X-One": it must be NAME: VALUE/],
  ["a Host header", ["header[] = host: a"], /^3: Cannot use header .* the key host$/],
  [
    "a header of ours",
    ["header[] = Content-Length: 9"],
    /^3: Cannot use header .* duet's own business$/,
  ],
  ["TLS keys", ["verify = no"], /^3: Cannot use verify .*type = tls or tcp or https/],
] as const) {
  test(`an http check with ${what} is refused`, (t) => {
    const problems = linesOf(checkText("type = http", ...lines));
    t.is(problems.length, 1, problems.join("\n"));
    t.regex(problems[0] ?? "", problem);
  });
}
