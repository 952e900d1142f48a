// Checks of type tcp and tls: dialogues and certificates.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { checkOf, checkText, configOf, linesOf } from "./helpers.ts";

test("a dialogue has the order of its lines, and is printed in it", (t) => {
  const written = checkText(
    "type = tcp",
    "tls = yes",
    "expect[] = 220",
    String.raw`send[] = "EHLO duet\r\n"`,
    String.raw`expect[] = regex:^250[ -]`,
    "send[] = hex:00 ff",
    String.raw`send[] = QUIT\r\n`,
  );
  t.like(checkOf(written), {
    type: "tcp",
    tls: { serverName: null, verify: true, minVersion: "1.2" },
    steps: [
      { kind: "expect", hex: hex("220") },
      { kind: "send", hex: hex("EHLO duet\r\n") },
      { kind: "regex", source: "^250[ -]" },
      { kind: "send", hex: "00ff" },
      { kind: "send", hex: hex("QUIT\r\n") },
    ],
  });
  t.deepEqual(configOf(printConfig(configOf(written))), configOf(written));
});

test("a tls check keeps all that it says through print", (t) => {
  const written = checkText(
    "type = tls",
    "sni = www.example.com",
    "ca = /etc/duet/my ca.pem",
    "expiry_warning = 14",
    "min_version = 1.3",
  );
  t.deepEqual(checkOf(written).type === "tls" && checkOf(written), {
    ...checkOf(checkText("type = tls")),
    tls: {
      serverName: "www.example.com",
      verify: true,
      caFile: "/etc/duet/my ca.pem",
      own: null,
      minVersion: "1.3",
      expiryWarningDays: 14,
    },
  });
  t.deepEqual(configOf(printConfig(configOf(written))), configOf(written));
});

for (const [what, lines, problem] of [
  [
    "an unknown escape",
    ["type = tcp", String.raw`send[] = a\q`],
    /^3: Cannot use send .*: it must be text, with \\r/,
  ],
  ["half a byte", ["type = tcp", "send[] = hex:0"], /^3: Cannot use send "hex:0": it must be text/],
  [
    "no regex",
    ["type = tcp", "expect[] = regex:("],
    /^3: Cannot use expect .*: it must be a regular expression/,
  ],
  ["send without a list", ["type = tcp", "send = a"], /^3: Cannot use send without \[\]/],
  ["no TLS", ["type = tcp", "ca = /ca.pem"], /^3: Cannot use ca without TLS: add "tls = yes"$/],
  [
    "an address as SNI",
    ["type = tls", "sni_name = 10.0.0.1"],
    /^3: Cannot use sni_name "10\.0\.0\.1": it must be a name/,
  ],
  [
    "ca for nothing",
    ["type = tls", "verify = no", "ca = /ca.pem"],
    /^4: Cannot use ca with verify = no/,
  ],
  ["a wrong type", ["type = tls", "send[] = a"], /^3: Cannot use send .*type = tcp/],
] as const) {
  test(`a check with ${what} is refused`, (t) => {
    const problems = linesOf(checkText(...lines));
    t.is(problems.length, 1, problems.join("\n"));
    t.regex(problems[0] ?? "", problem);
  });
}

function hex(bytes: string): string {
  return Buffer.from(bytes).toString("hex");
}
