// ldirectord.cf as configuration: what its directives come to, and that its INI text means the same.

import { readdirSync, readFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { convertedText } from "../../src/config/convert.ts";
import { writtenIn } from "../../src/config/foreign/front-ends.ts";
import { realOf } from "../../src/config/ldirectord/language.ts";
import { translate } from "../../src/config/ldirectord/translate.ts";
import type { ReadResult } from "../../src/config/model.ts";
import { type NativeSource, readNative } from "../../src/config/native.ts";
import { printConfig } from "../../src/config/print.ts";
import { problemLine } from "../../src/config/problem-line.ts";

const outside = { read: () => null, find: () => [], environment: () => undefined, configId: "" };
const around: Omit<NativeSource, "file" | "text"> = {
  hostname: "lb1",
  ownAddresses: new Set(),
  names: { hosts: new Map(), ports: new Map([["domain/udp", 53]]) },
};

function read(text: string): ReadResult {
  return readNative({ file: "l", text, scan: writtenIn("l", text, outside), ...around });
}

function told(text: string): readonly string[] {
  const result = read(text);
  return (result.ok ? result.warnings : result.problems).map(problemLine);
}

/** The lines of the section of this name. */
function section(text: string, name: string): readonly string[] {
  const { sections } = writtenIn("l", text, outside);
  const blocks = convertedText(sections, []).split("\n\n");
  return (blocks.find((block) => block.startsWith(`[${name}]`)) ?? "")
    .trimEnd()
    .split("\n")
    .slice(1);
}

function checkOf(...lines: readonly string[]): readonly string[] {
  const text = ["virtual=10.0.0.1:80", "real=10.0.0.2:80 masq", ...lines].join("\n\t");
  const { sections } = writtenIn("l", text, outside);
  const name = sections.find((one) => one.name?.startsWith("check."))?.name ?? "";
  return section(text, name).filter((line) => !/^(timeout|interval|retry) /.test(line));
}

test("cleanstop is what a stop does with the services", (t) => {
  for (const [said, means] of [
    ["no", ["lvs_flush_on_stop = nothing"]],
    ["yes", []],
  ] as const) {
    const text = `cleanstop=${said}\nvirtual=10.0.0.1:80\n\treal=10.0.0.2:80 masq`;
    t.deepEqual(section(text, "global"), means);
    const result = read(text);
    t.is(result.ok && result.config.lvs.keepOnStop, said === "no");
  }
});

for (const [what, lines, check] of [
  ["by the port", [], ["type = http", "redirects = 7"]],
  ["a connection", ["checktype=connect"], ["type = tcp"]],
  ["a connection by UDP", ["checktype=connect", "protocol=udp"], ["type = ping"]],
  ["an echo", ["checktype=ping"], ["type = ping"]],
  ["nobody asks", ["checktype=on"], []],
  ["each fifth one whole", ["checktype=5", "service=smtp"], ["type = smtp", "connects = 5"]],
  [
    "a script",
    ["checktype=external", "checkcommand=/bin/true"],
    ["type = misc", "script = /bin/true", "script_arguments = ldirectord"],
  ],
  [
    "a script of Perl",
    ["checktype=external-perl", "checkcommand=/x.pl"],
    ["type = misc", "script = /usr/bin/perl /x.pl", "script_arguments = ldirectord"],
  ],
  [
    "a request without its slash",
    ['request="a.html"', 'receive="OK"', "httpmethod=head"],
    ["type = http", "path = /a.html", "regex = OK", "method = HEAD", "redirects = 7"],
  ],
  [
    "a mailbox by TLS",
    ["service=imaps", "login=a", "passwd=b", "checkport=1993"],
    ["type = imap", "tls = yes", "verify = no", "login = a", "passwd = b", "port = 1993"],
  ],
  [
    "a database",
    ["service=mysql", "login=a", 'database="d"', 'request="SELECT 1 FROM t"'],
    ["type = mysql", "login = a", "database = d", "query = SELECT 1 FROM t"],
  ],
  [
    "a dialogue",
    ["service=simpletcp", 'request="PING\\n"', 'receive="PONG"'],
    ["type = tcp", 'send[] = "PING\\\\n"', "expect[] = regex:PONG"],
  ],
] as const) {
  test(`a check: ${what}`, (t) => {
    t.deepEqual(checkOf(...lines), [...check]);
  });
}

for (const [lines, timing] of [
  [[], ["timeout = 30", "interval = 10", "retry = 0"]],
  [["checktype=connect"], ["timeout = 5", "interval = 10", "retry = 0"]],
  [
    ["checktimeout=3", "checkinterval=7"],
    ["timeout = 3", "interval = 7", "retry = 0"],
  ],
  [
    ["negotiatetimeout=4", "checktimeout=3"],
    ["timeout = 4", "interval = 10", "retry = 0"],
  ],
  [["failurecount=3"], ["timeout = 30", "interval = 10", "retry = 2"]],
] as const) {
  test(`timing of ${JSON.stringify(lines)}`, (t) => {
    const text = ["virtual=10.0.0.1:80", "real=10.0.0.2:80 masq", ...lines].join("\n\t");
    const all = section(
      text,
      lines.includes("checktype=connect" as never) ? "check.tcp" : "check.http",
    );
    t.deepEqual(
      all.filter((line) => /^(timeout|interval|retry) /.test(line)),
      [...timing],
    );
  });
}

test("a real server, a range of them, and what may stand behind", (t) => {
  const nothing = { weight: null, request: null, receive: null, lower: null, upper: null };
  t.deepEqual(realOf("10.0.0.2:80 gate"), {
    addresses: ["10.0.0.2"],
    port: "80",
    method: "gate",
    ...nothing,
  });
  t.deepEqual(realOf('10.0.0.254->10.0.1.1 masq 3 "a", "b" <l:1> <u:2>'), {
    addresses: ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"],
    port: null,
    method: "masq",
    weight: "3",
    request: "a",
    receive: "b",
    lower: "1",
    upper: "2",
  });
  t.deepEqual(realOf("[2001:db8::2]:80 ipip 4")?.addresses, ["2001:db8::2"]);
  t.is(realOf("web1.example.com:http gate")?.port, "http");
  t.is(realOf("10.0.0.2:80 direct"), null);
});

for (const [behind, request, receive] of [
  ['"GET /a\\\\"b", "x"', 'GET /a\\\\"b', "x"],
  ['"a", "b", "c"', 'a", "b', "c"],
  ['"a\\"b" "c" l:3', 'a\\"b', "c"],
] as const) {
  test(`request and receive of ${behind} are what Perl takes for them`, (t) => {
    const real = realOf(`10.0.0.2:80 gate 1 ${behind}`);
    t.is(real?.request, request);
    t.is(real?.receive, receive);
  });
}

test("real servers that are none, and quotes without end", (t) => {
  t.is(realOf(`10.0.0.2:80 gate 1 ${'" '.repeat(100_000)}`), null);
  t.is(realOf("10.0.0.9->10.0.0.2:80 gate"), null);
});

for (const [text, problem] of [
  [
    "checktimeout=3\nvirtual=10.0.0.1:80\n\treal=10.0.0.2:80 direct",
    'l:3: Cannot use real "10.0.0.2:80 direct": it must be',
  ],
  [
    "checktimeout=3\nchekinterval=3",
    'l:2: Cannot use chekinterval: ldirectord has no such directive here (did you mean "checkinterval"?)',
  ],
  [
    "checktimeout=3\n  service=http",
    "l:2: Cannot use service here: it is indented, and no virtual stands above it",
  ],
  ["checktimeout=3\nautoreload", 'l:2: Cannot read "autoreload": it must be "directive = value"'],
  ["autoreload=yes\n", "l:1: note: autoreload has no effect here: "],
  [
    "checktimeout=3\nvirtual=10.0.0.1:443\n\treal=10.0.0.2:443 gate\n\treal=10.0.0.3:443 gate",
    "l:2: note: service = https: any certificate that has not expired is good enough here; with some versions",
  ],
  [
    "virtual6=[2001:db8::1]:8080\n\treal6=[2001:db8::2]:8080 gate\n\tservice=http",
    "l:1: note: service = http is checked here; ldirectord ends at its first one where the Perl module Net::INET6Glue is missing",
  ],
  [
    "checktimeout=3\nvirtual=10.0.0.1:3306\n\treal=10.0.0.2:3306 gate",
    "l:2: note: service = mysql is checked here; ldirectord ends at its first one where the Perl module DBD::mysql is missing",
  ],
  [
    "virtual=10.0.0.1:80\n\treal=10.0.0.2:80 gate\n\tcleanstop=no",
    "l:3: note: cleanstop has no effect here: it is one for all services: write it above the first virtual",
  ],
  [
    "virtual=10.0.0.1:80\n\treal=10.0.0.2:80 gate\n\tchecktype=conect",
    'l:3: Cannot use checktype "conect": it must be connect, negotiate,',
  ],
  [
    "virtual=10.0.0.1:80\n\treal=10.0.0.2:80 gate\n\tsmtp=a",
    "l:3: note: smtp has no effect here: it is one for all mails",
  ],
] as const) {
  test(`told of ${JSON.stringify(text)}`, (t) => {
    t.true(
      told(text).some((line) => line.startsWith(problem)),
      told(text).join("\n"),
    );
  });
}

const files = readdirSync("test/ldirectord").filter((name) => name.endsWith(".cf"));

for (const file of files) {
  test(`${file} converted means what ${file} means`, (t) => convertedMeans(t, file));
}

function convertedMeans(t: ExecutionContext, file: string): void {
  const text = readFileSync(`test/ldirectord/${file}`, "utf8");
  const { sections, comments } = writtenIn("l", text, outside);
  const printed = (result: ReadResult): string =>
    result.ok ? printConfig(result.config) : result.problems.map(problemLine).join("\n");
  const converted = readNative({
    file: "l",
    text: convertedText(sections, comments ?? []),
    ...around,
  });
  t.is(printed(converted), printed(read(text)));
  t.true(converted.ok, printed(converted));
}

test("fallbackcommand of a firewall mark gets no server and port 0, as ldirectord calls it", (t) => {
  const text = "virtual=5\n\treal=10.0.0.2 gate\n\tfallbackcommand=/bin/echo\n";
  const lines = section(text, "virtual_server.fwmark-5").filter((line) =>
    line.startsWith("quorum"),
  );
  t.deepEqual(lines.toSorted(), [
    "quorum_down = /bin/echo start :0 fwm",
    "quorum_up = /bin/echo stop :0 fwm",
  ]);
});

test("a real server that is written again is what the last line says", (t) => {
  const text = [
    "virtual=10.0.0.1:80",
    "\treal=10.0.0.2->10.0.0.3:80 gate 5",
    "\treal=10.0.0.2:80 gate 7",
    "\tservice=none",
    "",
  ].join("\n");
  const result = read(text);
  if (!result.ok) return t.fail(result.problems.map(problemLine).join("\n"));
  const [service] = result.config.virtualServers;
  const weights = service?.realServers.map(({ destination: { address, weight } }) => [
    address,
    weight,
  ]);
  t.deepEqual(weights?.toSorted(), [
    ["10.0.0.2", 7],
    ["10.0.0.3", 5],
  ]);
  t.true(
    told(text).some((line) =>
      line.startsWith("l:2: warning: 10.0.0.2:80 of real=10.0.0.2->10.0.0.3:80 gate 5 was never"),
    ),
    told(text).join("\n"),
  );
});

test("each family has its fallback, a name may be written twice, and checktype off has weight 0", (t) => {
  const { sections } = translate(`fallback=127.0.0.1:80
fallback6=[::1]:80
virtual=10.0.0.1:80
	servicename=web
	real=10.0.0.2:80 gate
virtual6=[2001:db8::1]:80
	servicename=web
	real6=[2001:db8::2]:80 gate
	checktype=off
`);
  const valuesOf = (key: string): readonly string[][] =>
    sections.flatMap(({ name = "", entries }) =>
      entries.filter((one) => one.key === key).map(({ value }) => [name, value ?? ""]),
    );
  t.deepEqual(valuesOf("sorry_server"), [
    ["virtual_server.web", "127.0.0.1:80"],
    ["virtual_server.web-2", "[::1]:80"],
  ]);
  t.deepEqual(valuesOf("weight"), [
    ["real_server.web.10.0.0.2:80", "1"],
    ["real_server.web-2.[2001:db8::2]:80", "0"],
  ]);
});

test("a receive that JavaScript writes otherwise is put into its words, and one that it does not know is an error", (t) => {
  t.deepEqual(checkOf('receive="(?i)ok$"'), [
    "type = http",
    'regex = "[oO][kK]\\\\n?$"',
    "redirects = 7",
  ]);
  const text = 'virtual=10.0.0.1:80\n\treal=10.0.0.2:80 masq\n\treceive="\\p{L}"\n';
  t.deepEqual(told(text).slice(-1), [
    'l:3: Cannot use receive "\\p{L}": "\\p" is of Perl alone, so write it in words that JavaScript\'s regular expressions have too',
  ]);
});
