// Names of hosts and ports in place of addresses: what is put in their place, and what is said.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { lookUp } from "../../src/config/names/look-up.ts";
import { type HostAnswer, hostsNamedIn, type Names } from "../../src/config/names/names.ts";
import { readNative } from "../../src/config/native.ts";
import { printConfig } from "../../src/config/print.ts";
import { scanLines } from "../../src/config/schema/lines.ts";
import { INSTANCE, linesOf } from "./helpers.ts";

const dir = mkdtempSync(join(tmpdir(), "duet-names-"));
test.after.always(() => rmSync(dir, { recursive: true }));

const NAMES = namesOf(
  {
    "web1.example.com": ["10.0.0.21"],
    "web2.example.com": ["2001:DB8:0::22", "10.0.0.122", "10.0.0.22", "10.0.0.22"],
    "many.example.com": ["10.0.0.9", "10.0.0.5", "10.0.0.6", "10.0.0.7", "10.0.0.8"],
    "six.example.com": ["2001:db8::66"],
    "zero.example.com": ["0.0.0.0"],
    "link.example.com": ["fe80::1%eth0"],
    cafe: ["10.0.0.30"],
  },
  { "http/tcp": 80, "https/tcp": 443, "domain/tcp": 53, "domain/udp": 53, "syslog/udp": 514 },
);

function namesOf(
  hosts: Readonly<Record<string, readonly string[]>>,
  ports: Readonly<Record<string, number>>,
): Names {
  const answers = Object.entries(hosts).map(([host, addresses]): [string, HostAnswer] => [
    host,
    { ok: true, addresses },
  ]);
  return { hosts: new Map(answers), ports: new Map(Object.entries(ports)) };
}

function serviceText(lines: {
  readonly service?: string;
  readonly server: string;
  readonly more?: string;
}): string {
  const { service = "10.0.0.100:80", server, more = "" } = lines;
  return `[virtual_server.web]
address = ${service}
protocol = tcp
[real_server.web.rs1]
address = ${server}
${more}`;
}

function printed(text: string): string {
  const read = readNative({
    file: "x.ini",
    text,
    hostname: "h",
    ownAddresses: new Set(),
    names: NAMES,
  });
  return read.ok ? printConfig(read.config) : read.problems.map(({ message }) => message).join();
}

const said = "it is looked up once, at start and reload";

const cases: readonly (readonly [
  title: string,
  text: string,
  lines: readonly string[],
  shown: string,
])[] = [
  [
    "a name with the name of a port",
    serviceText({ server: "web1.example.com:http" }),
    [`5: warning: web1.example.com:http is 10.0.0.21:80 now: ${said}`],
    "address = 10.0.0.21:80",
  ],
  [
    "a name with a number",
    serviceText({ server: "web1.example.com:8080" }),
    [`5: warning: web1.example.com:8080 is 10.0.0.21:8080 now: ${said}`],
    "address = 10.0.0.21:8080",
  ],
  [
    "a name that could be hex digits",
    serviceText({ server: "cafe:80" }),
    [`5: warning: cafe:80 is 10.0.0.30:80 now: ${said}`],
    "address = 10.0.0.30:80",
  ],
  [
    "several addresses: the lowest of the service's family, whatever the order of the answer",
    serviceText({ server: "web2.example.com:http" }),
    [
      `5: warning: web2.example.com:http is 10.0.0.22:80 now (the one that is used of 10.0.0.22, 10.0.0.122, 2001:db8::22): ${said}`,
    ],
    "address = 10.0.0.22:80",
  ],
  [
    "a service of IPv6",
    serviceText({ service: "[2001:db8::100]:http", server: "web2.example.com:http" }),
    [
      `2: warning: [2001:db8::100]:http is [2001:db8::100]:80 now: ${said}`,
      `5: warning: web2.example.com:http is [2001:db8::22]:80 now (the one that is used of 10.0.0.22, 10.0.0.122, 2001:db8::22): ${said}`,
    ],
    "address = [2001:db8::22]:80",
  ],
  [
    "a service of IPv6 by its name",
    serviceText({ service: "six.example.com:80", server: "web2.example.com:80" }),
    [
      `2: warning: six.example.com:80 is [2001:db8::66]:80 now: ${said}`,
      `5: warning: web2.example.com:80 is [2001:db8::22]:80 now (the one that is used of 10.0.0.22, 10.0.0.122, 2001:db8::22): ${said}`,
    ],
    "address = [2001:db8::22]:80",
  ],
  [
    "a group of IPv6 addresses",
    `[virtual_server_group.g]
member[] = 2001:db8::100 80
[virtual_server.web]
group = g
protocol = tcp
[real_server.web.rs1]
address = web2.example.com:80
`,
    [
      `7: warning: web2.example.com:80 is [2001:db8::22]:80 now (the one that is used of 10.0.0.22, 10.0.0.122, 2001:db8::22): ${said}`,
    ],
    "address = [2001:db8::22]:80",
  ],
  [
    "many addresses, of which some are told",
    serviceText({ server: "many.example.com:80" }),
    [
      `5: warning: many.example.com:80 is 10.0.0.5:80 now (the one that is used of 10.0.0.5, 10.0.0.6, 10.0.0.7, 10.0.0.8 and 1 more): ${said}`,
    ],
    "address = 10.0.0.5:80",
  ],
  [
    "a sorry server, and the address of a check",
    `[check.c]
type = tcp
address = web1.example.com
[virtual_server.web]
address = 10.0.0.100:80
protocol = tcp
sorry_server = web2.example.com:https
check[] = c
[real_server.web.rs1]
address = 10.0.0.23:80
`,
    [
      `3: warning: web1.example.com is 10.0.0.21 now: ${said}`,
      `7: warning: web2.example.com:https is 10.0.0.22:443 now (the one that is used of 10.0.0.22, 10.0.0.122, 2001:db8::22): ${said}`,
    ],
    "sorry_server = 10.0.0.22:443",
  ],
  [
    "a name of a port of the service's protocol",
    serviceText({ service: "10.0.0.100:syslog", server: "10.0.0.21:syslog" }).replace("tcp", "UDP"),
    [
      `2: warning: 10.0.0.100:syslog is 10.0.0.100:514 now: ${said}`,
      `5: warning: 10.0.0.21:syslog is 10.0.0.21:514 now: ${said}`,
    ],
    "address = 10.0.0.21:514",
  ],
  [
    "a service of a mark, whose servers may name a port of tcp or udp",
    "[virtual_server.web]\nfwmark = 1\n[real_server.web.rs1]\naddress = web1.example.com:syslog\n",
    [`4: warning: web1.example.com:syslog is 10.0.0.21:514 now: ${said}`],
    "address = 10.0.0.21:514",
  ],
];

for (const [title, text, lines, shown] of cases) {
  test(`names: ${title}`, (t) => {
    t.deepEqual(linesOf(text, { names: NAMES }), lines);
    t.true(printed(text).includes(shown), printed(text));
    t.false(printed(text).includes("example.com"));
  });
}

const right = "it must be a name that resolves, or an address such as 10.0.0.1";

const refusals: readonly (readonly [title: string, text: string, lines: readonly string[]])[] = [
  [
    "a port that the protocol does not have, and a slip of the finger, all at once",
    serviceText({ service: "10.0.0.100:syslog", server: "web1.example.com:htpp" }),
    [
      '2: Cannot use address "10.0.0.100:syslog": /etc/services has no syslog of tcp: it must be a port from 1 to 65535, or the name of one',
      '5: Cannot use address "web1.example.com:htpp": /etc/services has no htpp of tcp: it must be a port from 1 to 65535, or the name of one (did you mean "http"?)',
    ],
  ],
  [
    "an address that is none of a host",
    serviceText({ server: "zero.example.com:80" }),
    [
      `5: warning: zero.example.com:80 is 0.0.0.0:80 now: ${said}`,
      '5: Cannot use address "0.0.0.0:80": it must be ADDRESS or ADDRESS:PORT, such as 10.0.0.1:80, [2001:db8::1]:80 or web1.example.com:http, and an address of one host',
    ],
  ],
  [
    "an address of one link only",
    serviceText({ server: "link.example.com:80" }),
    [
      `5: Cannot use address "link.example.com:80": link.example.com cannot be looked up, it has no address: ${right}`,
    ],
  ],
  [
    "the rules, which see the address",
    serviceText({
      server: "web1.example.com:80",
      more: "[real_server.web.rs2]\naddress = 10.0.0.21:http\n",
    }),
    [
      `5: warning: web1.example.com:80 is 10.0.0.21:80 now: ${said}`,
      `7: warning: 10.0.0.21:http is 10.0.0.21:80 now: ${said}`,
      "7: Cannot use address 10.0.0.21 twice: [real_server.web.rs1] (line 5) has it already",
    ],
  ],
];

for (const [title, text, lines] of refusals) {
  test(`names: ${title}`, (t) => {
    t.deepEqual(linesOf(text, { names: NAMES }), lines);
  });
}

for (const value of [
  "10.0.0.300:80",
  "10.1:80",
  "0x7f.1:80",
  "10.0.0.1/24:80",
  "[web1.example.com]:80",
  "-a.example.com:80",
  "a..example.com:80",
  "web1.example.com:",
  "web1.example.com: 80",
  "web1.example.com:http:80",
  `${"a".repeat(64)}.example.com:80`,
  "2001:db8::zz",
]) {
  test(`"${value}" is nobody's name, and nobody is asked for it`, (t) => {
    const text = serviceText({ server: value });
    t.deepEqual(hostsNamedIn(scanLines(text).sections), []);
    t.is(linesOf(text, { names: NAMES }).length, 1);
    t.regex(
      linesOf(text, { names: NAMES }).join(),
      /^5: Cannot use address .*: it must be ADDRESS/,
    );
  });
}

test("a file without names asks nobody; each name is asked for once", (t) => {
  t.deepEqual(hostsNamedIn(scanLines(serviceText({ server: "10.0.0.21:http" })).sections), []);
  const text = serviceText({ service: "a.example.com:80", server: "b.example.com:80" });
  const twice = `${text}[check.c]\ntype = tcp\nconnect_ip = b.example.com\nbind_address = c.example.com\n`;
  t.deepEqual(hostsNamedIn(scanLines(twice).sections), ["a.example.com", "b.example.com"]);
});

const servicesFile = join(dir, "services");
writeFileSync(
  servicesFile,
  "# Network services\nhttp\t\t80/tcp\t\twww # WorldWideWeb\nhttp 8000/tcp\ndomain 53/udp\n\nbad line\n",
);

test("lookUp() tells of every name what came of it, and of no name more than the limit allows", async (t) => {
  let ended = false;
  const names = await lookUp(["a", "b", "c", "d"], {
    servicesFile,
    limitMs: 300,
    ask(_hosts, onAnswer) {
      onAnswer("a", { ok: true, addresses: ["10.0.0.1"] });
      onAnswer("b", { ok: false, reason: "there is no such name" });
      onAnswer("c", { ok: false, reason: "the name servers did not answer" });
      return { ended: new Promise(() => undefined), end: () => void (ended = true) };
    },
  });
  t.deepEqual(Object.fromEntries(names.hosts), {
    a: { ok: true, addresses: ["10.0.0.1"] },
    b: { ok: false, reason: "there is no such name" },
    c: { ok: false, reason: "the name servers did not answer" },
    d: { ok: false, reason: "there was no answer in 0.3 s" },
  });
  t.true(ended);
  t.deepEqual(Object.fromEntries(names.ports), {
    "http/tcp": 80,
    "www/tcp": 80,
    "domain/udp": 53,
  });
});

test("lookUp() asks this machine, and needs no /etc/services", async (t) => {
  const names = await lookUp(["localhost", "no-such-host.invalid"], {
    servicesFile: join(dir, "none"),
  });
  const local = names.hosts.get("localhost");
  t.true(local?.ok === true && local.addresses.some((one) => one === "127.0.0.1" || one === "::1"));
  t.false(names.hosts.get("no-such-host.invalid")?.ok);
  t.is(names.ports.size, 0);
});

const NOWHERE_ELSE =
  "names are taken in address and sorry_server of services and servers, and in address of a check, and nowhere else";

for (const [line, kind] of [
  ["unicast_peer[] = lb2.example.com", "host"],
  ["unicast_peer[] = lb2.example.com min_ttl 255", "host"],
  ["unicast_src_ip = lb1", "host"],
  ["mcast_src_ip = lb1", "host"],
  ["virtual_ipaddress[] = www.example.com/24 dev eth0", "host"],
] as const) {
  test(`a name of a ${kind} where only an address is taken: ${line}`, (t) => {
    const said = linesOf(`${INSTANCE}${line}\n`, { names: NAMES });
    t.is(said.length, 1);
    t.true(said[0]?.startsWith("5: Cannot use "), said[0]);
    t.true(said[0]?.endsWith(`, and no name of a ${kind}: ${NOWHERE_ELSE}`), said[0]);
  });
}

for (const [line, kind] of [
  ["member[] = www.example.com 80", "host"],
  ["member[] = www.example.com-20 80", "host"],
  ["member[] = 10.0.0.1 http", "port"],
  ["member[] = 10.0.0.0/28 http", undefined],
  ["mark[] = www.example.com:443 tcp", "host"],
  ["mark[] = 10.0.0.1:https tcp", "port"],
  ["mark[] = [2001:db8::1]:https", "port"],
  ["mark[] = 10.0.0.1:70000", undefined],
  ["bind_address = lb1.example.com", "host"],
  ["neighbor_ip = lb2.example.com", "host"],
] as const) {
  test(`what a problem says of names: ${line}`, (t) => {
    const key = line.split(/[[ ]/)[0] ?? "";
    const section = {
      member: "virtual_server_group.g",
      mark: "virtual_server.w",
      bind_address: "check.c",
      neighbor_ip: "bfd_instance.b",
    }[key];
    const said = linesOf(`[${section}]\n${line}\n`).filter((each) => each.startsWith("2: "));
    t.is(said.length, 1);
    const hint = kind === undefined ? "" : `, and no name of a ${kind}: ${NOWHERE_ELSE}`;
    t.is(said[0]?.includes("no name of"), kind !== undefined);
    t.true(said[0]?.endsWith(hint), said[0]);
  });
}
