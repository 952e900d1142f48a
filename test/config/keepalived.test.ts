// keepalived.conf as configuration: what of it is never in force, what has no effect, and that its INI text means the same.

import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import test from "ava";
import { convertedText } from "../../src/config/convert.ts";
import { filesLike } from "../../src/config/keepalived/find-files.ts";
import { type Forgiven, forgive } from "../../src/config/keepalived/forgive.ts";
import { type Translated, translate } from "../../src/config/keepalived/translate.ts";
import type { ReadResult } from "../../src/config/model.ts";
import { type NativeSource, readNative } from "../../src/config/native.ts";
import { printConfig } from "../../src/config/print.ts";
import { problemLine } from "../../src/config/problem-line.ts";

const surroundings = { hostname: hostname(), ownAddresses: new Set<string>() };

function translated(text: string, file = "k", users?: string): Translated {
  return translate(file, text, {
    read: (path) => (path === "/etc/passwd" ? (users ?? "") : readFileSync(path, "utf8")),
    find: filesLike,
    environment: () => undefined,
    configId: "lb1",
  });
}

function read(text: string, file?: string, more?: Partial<NativeSource>): ReadResult {
  return forgiven(text, file, more).result;
}

function forgiven(text: string, file = "k", more: Partial<NativeSource> = {}): Forgiven {
  const { places, ...written } = translated(text, file);
  return forgive(written, places, (scan) =>
    readNative({ file, text, scan, ...surroundings, ...more }),
  );
}

function told(text: string): readonly string[] {
  const result = read(text);
  return (result.ok ? result.warnings : result.problems).map(problemLine);
}

function printed(result: ReadResult): string {
  if (result.ok) return printConfig(result.config);
  throw new Error(result.problems.map(problemLine).join("\n"));
}

const INSTANCE = `vrrp_instance VI_1 {
interface eth0
virtual_router_id 51
virtual_ipaddress {
10.9.0.1/24
}
`;

const SERVICE = `virtual_server 10.9.0.1 80 {
protocol TCP
lb_kind DR
`;

for (const [what, text, ...lines] of [
  [
    "a keyword that does not exist",
    `${INSTANCE}weigth 3\n}`,
    'k:7: warning: "weigth" was never in force: vrrp_instance VI_1 has no such keyword',
  ],
  [
    "a keyword that is nearly one",
    `${INSTANCE}nopremept\n}`,
    'k:7: warning: "nopremept" was never in force: vrrp_instance VI_1 has no such keyword (did you mean "nopreempt"?)',
  ],
  [
    "a keyword without effect here",
    `global_defs {\nenable_dbus\n}\n${INSTANCE}}`,
    "k:2: note: enable_dbus has no effect here: duet is not on D-Bus: duet status --json and its events tell the same",
  ],
  [
    "a password on the line of its type",
    `${INSTANCE}authentication { auth_type PASS auth_pass x }\n}`,
    "k:7: warning: authentication was never in force: it has no auth_pass on a line of its own",
  ],
  [
    "an interval that is rounded",
    `${INSTANCE}advert_int 1.6\n}`,
    "k:7: warning: advert_int 1.6 is 2, as keepalived rounds it",
  ],
  [
    "a value with more behind it",
    `${INSTANCE}priority 90 for now\n}`,
    'k:7: warning: "for now" behind priority was never in force: it has one value',
  ],
  [
    "what is tracked and is not there",
    `${INSTANCE}track_script {\nchk\n}\n}`,
    "k:8: warning: track_script chk was never in force: there is no chk",
  ],
  [
    "what is tracked and stands below",
    `${INSTANCE}track_script {\nchk\n}\n}\nvrrp_script chk {\nscript "/bin/true"\n}`,
    "k:8: warning: track_script chk was never in force: chk must stand above it, as keepalived reads from the top, and stands below",
  ],
  [
    "a block without its brace",
    `${INSTANCE}unicast_peer 10.9.0.2\n}`,
    'k:1: warning: "vrrp_instance VI_1" is never closed: a "}" is missing',
    'k:7: warning: "unicast_peer 10.9.0.2": a "{" is missing behind it, and what follows is taken as if it stood there',
    'k:7: warning: "10.9.0.2" behind unicast_peer was never in force: what belongs to it stands between its braces',
  ],
  [
    "a word before the brace of a block",
    `${INSTANCE}track_interface eth1 {\n}\n}`,
    'k:7: warning: "eth1" behind track_interface was never in force: what belongs to it stands between its braces',
  ],
  [
    "a brace behind what has no block",
    `${INSTANCE}priority 90 {\nadvert_int 3\n}\n}`,
    'k:7: warning: Unexpected "{" behind priority: vrrp_instance VI_1 has no such block, so what stands in it is taken as lines of vrrp_instance VI_1, and its "}" as the end of that',
    'k:10: warning: Extra "}": nothing is open',
  ],
  [
    "a block that nobody knows, in a check of a real server",
    `${SERVICE}real_server 10.9.0.2 80 {\nTCP_CHECK {\nfoo {\nconnect_port 81\n}\nretry 3\n}\nweight 7\n}\nquorum 2\n}`,
    'k:6: warning: Unexpected "{" behind foo: TCP_CHECK has no such block, so what stands in it is taken as lines of TCP_CHECK, and its "}" as the end of that',
    'k:6: warning: "foo" was never in force: TCP_CHECK has no such keyword',
    'k:13: warning: "quorum" was never in force: there is no such block',
    'k:14: warning: Extra "}": nothing is open',
  ],
  [
    "a block that nobody knows, and is never closed",
    `vvrp_script chk {\nscript "/bin/true"\n${INSTANCE}}`,
    'k:1: warning: "vvrp_script" was never in force: there is no such block',
  ],
  [
    "a flag that keepalived does not take back",
    `${INSTANCE}nopreempt off\n}`,
    'k:7: warning: "off" behind nopreempt was never in force: nopreempt means yes, whatever stands behind it',
  ],
  [
    "a flag with what it cannot be",
    `${INSTANCE}smtp_alert maybe\n}`,
    "k:7: warning: smtp_alert maybe was never in force: it must be on or off",
  ],
  [
    "a password of two words",
    `${INSTANCE}authentication {\nauth_type PASS\nauth_pass a b\n}\n}`,
    "k:9: warning: What stands behind the first word of auth_pass was never in force: it is one word, and its first one is the password (quote it: it has spaces)",
  ],
  [
    "the method of another case",
    "virtual_server 10.9.0.1 80 {\nprotocol TCP\nlb_kind dr\nreal_server 10.9.0.9 80 {\n}\n}",
    "k:1: warning: virtual_server.10.9.0.1:80: it has no lb_kind, which is NAT in keepalived",
    'k:3: warning: lb_kind dr was never in force: it must be NAT, DR or TUN, and is NAT (did you mean "DR"?)',
  ],
  [
    "another port with DR",
    `${SERVICE}real_server 10.9.0.9 8080 {\n}\n}`,
    "k:4: warning: port 8080 of real_server 10.9.0.9 8080 was never in force: with DR its port is that of the virtual server, 80",
  ],
  [
    "retry 0, which only a check can have",
    `${SERVICE}retry 0\nreal_server 10.9.0.9 80 {\nretry 0\nTCP_CHECK {\nretry 0\n}\n}\n}`,
    "k:4: warning: retry 0 was never in force: only a check can have less than 1",
    "k:6: warning: retry 0 was never in force: only a check can have less than 1",
  ],
  [
    "nb_get_retry of a check of TCP",
    `${SERVICE}real_server 10.9.0.9 80 {\nTCP_CHECK {\nnb_get_retry 3\n}\n}\n}`,
    'k:6: warning: "nb_get_retry" was never in force: TCP_CHECK has no such keyword',
  ],
] as const) {
  test(what, (t) => {
    t.deepEqual(
      told(text).filter(
        (line) => !/without checks|There is no interface|no instance holds/.test(line),
      ),
      [...lines],
    );
  });
}

for (const [written, value] of [
  ["10.1.0.0/16 via 10.9.0.254 dev eth0", "10.1.0.0/16 via 10.9.0.254 dev eth0"],
  ["src 10.9.0.1 to 10.1.0.0/16 via 10.9.0.254", "10.1.0.0/16 src 10.9.0.1 via 10.9.0.254"],
  ["src 10.9.0.1 10.1.0.0/16 gw 10.9.0.254", "10.1.0.0/16 src 10.9.0.1 via 10.9.0.254"],
  ["blackhole 10.1.0.0/16", "blackhole 10.1.0.0/16"],
  ["add default via 10.9.0.254 table 100", "default via 10.9.0.254 table 100"],
  [
    "10.1.0.0/16 via 10.9.0.252 or 10.9.0.253",
    "10.1.0.0/16 nexthop via 10.9.0.252 nexthop via 10.9.0.253",
  ],
  [
    "10.1.0.0/16 nexthop via 10.9.0.252 weight 2 nexthop via 10.9.0.253",
    "10.1.0.0/16 nexthop via 10.9.0.252 weight 2 nexthop via 10.9.0.253",
  ],
  // Its routes have the widest scope also without a gateway.
  ["10.1.0.0/16 dev eth0 metric 20", "10.1.0.0/16 dev eth0 metric 20 scope global"],
  ["10.1.0.0/16 oif eth0 scope link", "10.1.0.0/16 oif eth0 scope link"],
  ["local 10.1.0.0/16 dev eth0", "local 10.1.0.0/16 dev eth0"],
  ["2001:db8:1::/64 dev eth0", "2001:db8:1::/64 dev eth0"],
  [
    "10.1.0.0/16 nexthop dev eth0 nexthop dev eth1",
    "10.1.0.0/16 scope global nexthop dev eth0 nexthop dev eth1",
  ],
  [
    "10.1.0.0/16 dev eth0 scope link protocol 99 no_track",
    "10.1.0.0/16 dev eth0 scope link protocol 99 no_track",
  ],
] as const) {
  test(`the route ${written}`, (t) => {
    const { sections } = translated(`${INSTANCE}virtual_routes {\n${written}\n}\n}`);
    const entries = sections.flatMap((section) => section.entries);
    t.is(entries.find(({ key }) => key === "virtual_routes")?.value, value);
    t.deepEqual(
      told(`${INSTANCE}virtual_routes {\n${written}\n}\n}`).filter((line) => /route/.test(line)),
      [],
    );
  });
}

test("what is otherwise beside an owner and a virtual link is noted", (t) => {
  const text = `${INSTANCE}use_vmac\npriority 255\n}\n${INSTANCE.replace("VI_1", "VI_2").replace("51", "52")}state MASTER\n}`;
  const notes = told(text).filter((line) => line.includes("note: "));
  const source = told(`${INSTANCE}mcast_src_ip 10.9.0.250\n}`);
  t.true(
    source.includes(
      "k:7: note: Without its mcast_src_ip a node is in FAULT (keepalived sends adverts from it all the same)",
    ),
  );
  t.is(notes.length, 3);
  t.regex(
    notes[0] ?? "",
    /^k:1: note: Of two nodes with priority 255 the one with the higher address/,
  );
  t.regex(notes[1] ?? "", /^k:7: note: use_vmac: its link is up on the master alone/);
  t.regex(notes[2] ?? "", /^k:\d+: note: Of two nodes with priority 255/);
});

test("routes and rules: which words keepalived does not know, and which duet does not", (t) => {
  const text = `${INSTANCE}virtual_routes {
10.1.0.0/16 via 10.9.0.9 proto 99
10.2.0.0/16 via 10.9.0.9 protocol 99
10.3.0.0/16 via 10.9.0.9 tos 16
}
virtual_rules {
from 10.1.0.0/16 table 5 pref 9
from 10.2.0.1/16 table 5 order 9
from 10.3.0.0/16 table 5 ipproto tcp priority 10
}
}`;
  const lines = printed(read(text))
    .split("\n")
    .filter((line) => /^virtual_r(outes|ules)/.test(line));
  t.deepEqual(lines, [
    "virtual_routes[] = 10.2.0.0/16 via 10.9.0.9",
    "virtual_rules[] = from 10.2.0.0/16 lookup 5 priority 9",
  ]);
  t.deepEqual(
    told(text)
      .filter((line) => /left out|knows|no_track/.test(line))
      .map((line) => line.replace(/^k:\d+: warning: /, "")),
    [
      '"10.1.0.0/16 via 10.9.0.9 proto 99" was never in force: keepalived knows no "proto" of a route and goes on without it (write protocol)',
      "protocol 99 was never in force: it takes no_track beside it",
      '"10.3.0.0/16 via 10.9.0.9 tos 16" is left out: Routes with "tos" are not made here',
      '"from 10.1.0.0/16 table 5 pref 9" was never in force: keepalived knows no "pref" of a rule and goes on without it (write priority)',
      '"from 10.3.0.0/16 table 5 ipproto tcp priority 10" is left out: Rules with "ipproto" are not made here',
    ],
  );
});

test("blocks without what they are for are none, and neither is what needs them", (t) => {
  const nobody = `track_file f {\nweight 2\n}\nvrrp_track_process p {\ndelay 1\n}\nbfd_instance b {\nmin_rx 10\n}\n`;
  const tracked = `track_file {\nf\n}\ntrack_process {\np\n}\ntrack_bfd {\nb\n}\n}\n`;
  const groups = `virtual_server_group g {\n}\nvirtual_server group g {\nprotocol TCP\n}\nvirtual_server group h {\n}\n`;
  t.deepEqual(told(`${nobody}${INSTANCE}${tracked}${groups}`), [
    "k:1: warning: track_file f was never in force: it has no file",
    "k:4: warning: vrrp_track_process p was never in force: it has no process",
    "k:7: warning: bfd_instance b was never in force: it has no neighbor_ip",
    "k:17: warning: track_file f was never in force: there is no f",
    "k:20: warning: track_process p was never in force: there is no p",
    "k:23: warning: track_bfd b was never in force: there is no b",
    "k:26: warning: virtual_server_group g was never in force: it has no member",
    "k:28: warning: virtual_server group g was never in force: there is no virtual_server_group g",
    "k:31: warning: virtual_server group h was never in force: there is no virtual_server_group h",
  ]);
});

for (const [head, kind, server, port] of [
  ["fwmark 3", "DR", "10.9.2.5 8080", "8080"],
  ["group g", "DR", "10.9.2.5 8080", "8080"],
  ["10.9.0.1", "TUN", "10.9.2.5 8080", "8080"],
  // keepalived asks what is written, wherever the clients go.
  ["10.9.0.1 80", "DR", "10.9.2.5 8080", "8080"],
  ["10.9.0.1 80", "DR", "10.9.2.5 80", undefined],
  ["fwmark 3", "NAT", "10.9.2.5 8080", undefined],
] as const) {
  test(`a check of real_server ${server} in virtual_server ${head} by ${kind} asks the port that is written`, (t) => {
    const text = `virtual_server_group g {\n10.9.0.1 80\n}\nvirtual_server ${head} {\nprotocol TCP\nlb_kind ${kind}\nreal_server ${server} {\nTCP_CHECK {\n}\n}\n}\n`;
    const isLost = told(text).some((line) =>
      /^k:7: warning: port 8080 .*never in force: with/.test(line),
    );
    t.is(isLost, port !== undefined);
    t.is(/^\[check[^[]*\nport = (\d+)$/m.exec(printed(read(text)))?.[1], port);
  });
}

test("a real server whose check has no port to ask is never up, and is left out", (t) => {
  const text = `virtual_server fwmark 3 {\nlb_kind DR\nreal_server 10.9.2.5 {\nTCP_CHECK {\n}\n}\nreal_server 10.9.2.6 {\nTCP_CHECK {\nconnect_port 81\n}\n}\n}\n`;
  t.deepEqual(told(text), [
    "k:4: warning: real_server 10.9.2.5 was never in force: its TCP_CHECK has no port to ask (add connect_port)",
  ]);
  const ini = printed(read(text));
  t.notRegex(ini, /10\.9\.2\.5/);
  t.regex(ini, /10\.9\.2\.6/);
});

test("checks that connect to nobody have no words of a connection", (t) => {
  const text = `${SERVICE}real_server 10.9.2.5 80 {\nMISC_CHECK {\nmisc_path /bin/true\nmisc_timeout 3\nconnect_timeout 4\n}\n}\n}\n`;
  t.deepEqual(told(text), [
    'k:8: warning: "connect_timeout" was never in force: MISC_CHECK has no such keyword',
  ]);
});

test("what cannot be used as a whole is left out, and the rest runs", (t) => {
  const bfd = (name: string): string => `bfd_instance ${name} {\nneighbor_ip 10.9.0.7\n}\n`;
  const lines = told(`${bfd("a")}${bfd("b")}${INSTANCE}track_bfd {\na\nb\n}\n}\n`);
  t.deepEqual(
    lines.map((line) => line.replace(/: Cannot .*; /, ": ... ")),
    ["k:4", "k:5", "k:15"].map((place) => `${place}: warning: ... it is left out`),
  );
});

test("a script that says no command is none, and a file of a shell is opened by one", (t) => {
  const text = `vrrp_script a {\ninterval 2\n}\nvrrp_script b {\nscript "</dev/tcp/127.0.0.1/80"\n}\n${INSTANCE}track_script {\na\nb\n}\n}`;
  t.deepEqual(told(text), [
    "k:1: warning: vrrp_script a was never in force: it has no script",
    "k:14: warning: track_script a was never in force: there is no a",
  ]);
  t.regex(printed(read(text)), /^script = "\/bin\/bash -c '<\/dev\/tcp\/127\.0\.0\.1\/80'"$/m);
});

test("real servers that check alike share a check, and keepalived's defaults are written", (t) => {
  const server = (port: number): string => `real_server 10.9.0.9 ${port} {
HTTP_GET {
url {
path /a
digest 9b74c9897bac770ffc029102a200c5de
}
url {
path /b.html
status_code 200 301-302
}
connect_port 8080
}
}
`;
  const nat = SERVICE.replace("DR", "NAT");
  t.is(
    convertedText(translated(`${nat}${server(80)}${server(81)}}`).sections, []),
    `[global]
enable_script_security = no
vrrp_higher_prio_send_advert = no
vrrp_check_unicast_src = no

[virtual_server.10.9.0.1:80]
address = 10.9.0.1:80
protocol = tcp
delay_loop = 60
alpha = no

[real_server.10.9.0.1:80.10.9.0.9:80]
address = 10.9.0.9:80
check[] = http-a
check[] = http-b-html

[check.http-a]
type = http
connect_port = 8080
http_protocol = 1.0
path = /a
digest = 9b74c9897bac770ffc029102a200c5de
delay_before_retry = 3

[check.http-b-html]
type = http
connect_port = 8080
http_protocol = 1.0
path = /b.html
status_code = 200 301-302
delay_before_retry = 3

[real_server.10.9.0.1:80.10.9.0.9:81]
address = 10.9.0.9:81
check[] = http-a
check[] = http-b-html
`,
  );
});

test("real servers whose blocks say the same have lines and remarks of their own", (t) => {
  const server = (n: number, more = ""): string =>
    `real_server 10.9.0.${n} 80 {\nweight 2\n${more}inhibit_on_failure\nMISC_CHECK {\nmisc_path /bin/true\nretry 2\n}\n}\n`;
  const second = SERVICE.replace("10.9.0.1", "10.9.0.2");
  const text = `${SERVICE}delay_loop 10\n${server(3)}${server(4)}${server(5, "wight 3\n")}${server(6, "wight 3\n")}}\n${second}delay_loop 20\n${server(3)}}`;
  const { sections, problems } = translated(text);
  const entriesOf = (place: string): readonly string[] =>
    (sections.find(({ name }) => name?.startsWith(`real_server.${place}`))?.entries ?? []).map(
      ({ key, value, line }) => `${line} ${key} ${value}`,
    );
  const lines = (line: number, address: string, check: string): readonly string[] => [
    `${line} address ${address}:80`,
    `${line + 1} weight 2`,
    `${line + 2} inhibit_on_failure yes`,
    `${line + 3} check ${check}`,
  ];
  t.deepEqual(entriesOf("10.9.0.1:80.10.9.0.3"), lines(5, "10.9.0.3", "misc"));
  t.deepEqual(entriesOf("10.9.0.1:80.10.9.0.4"), lines(13, "10.9.0.4", "misc"));
  // Its script may run as long as its service waits between two runs.
  t.deepEqual(entriesOf("10.9.0.2:80.10.9.0.3"), lines(44, "10.9.0.3", "misc-2"));
  t.deepEqual(
    problems
      .filter(({ severity }) => severity === "warning")
      .map(({ line, message }) => [line, message.slice(0, 60)]),
    [
      [23, '"wight" was never in force: real_server 10.9.0.5 80 has no s'],
      [32, '"wight" was never in force: real_server 10.9.0.6 80 has no s'],
    ],
  );
});

for (const [family, max, addressOf] of [
  [4, 255, (i: number) => `10.9.${Math.floor(i / 200)}.${(i % 200) + 1}`],
  [6, 90, (i: number) => `fe80::${(i + 1).toString(16)}`],
] as const) {
  test(`IPv${family}: what an advert has no room for is held as excluded, as in keepalived`, (t) => {
    const addresses = Array.from({ length: max + 3 }, (_, i) => addressOf(i));
    const block = `virtual_ipaddress {\n${addresses.join("\n")}\n}`;
    const text = `vrrp_instance V {\ninterface eth0\nvirtual_router_id 51\n${block}\n}\n`;
    const result = read(text);
    if (!result.ok) return t.fail(result.problems.map(problemLine).join("\n"));
    const [instance] = result.config.vrrpInstances;
    t.is(instance?.vips.length, max);
    t.deepEqual(
      instance?.holds.excluded.map(({ address }) => address),
      addresses.slice(max),
    );
    const line = `k:${max + 5}: warning: An advert has room for ${max} addresses: this one and 2 more are`;
    t.true(
      told(text).some((one) => one.startsWith(line)),
      told(text).join("\n"),
    );
  });
}

test("comments stay with what they stood at", (t) => {
  const text = `# the pair
vrrp_instance VI_1 { # ours
interface eth0
# above
virtual_router_id 51
virtual_ipaddress {
10.9.0.1/24 ! the shop
}
}
# the end
`;
  const { sections, comments } = translated(text);
  t.is(
    convertedText(sections, comments).split("\n\n").slice(1).join("\n\n"),
    `# the pair
# ours
[vrrp_instance.VI_1]
interface = eth0
# above
virtual_router_id = 51
# the shop
virtual_ipaddress[] = 10.9.0.1/24

# the end
`,
  );
});

const folders = ["test/keepalived", "test/keepalived/ipvs", "test/keepalived/services"];

test("vrf stands for the interface; with one it was never in force, and an address says its device", (t) => {
  const instance = (name: string, vrid: number, more: string): string =>
    `vrrp_instance ${name} {\nvrf blue\nvirtual_router_id ${vrid}\nunicast_src_ip 10.9.0.250\nunicast_peer {\n10.9.0.251\n}\n${more}}\n`;
  const text = `${instance("A", 61, "virtual_ipaddress {\n10.9.0.61/24 dev eth0\n10.9.0.62/24\n}\n")}${instance("B", 62, "interface eth0\n")}`;
  const result = read(text);
  t.deepEqual(result.ok && result.config.vrrpInstances.map(({ vrrp }) => vrrp.interface), [
    "blue",
    "eth0",
  ]);
  t.deepEqual(result.ok && result.config.vrrpInstances[0]?.vrrp.addresses, ["10.9.0.61"]);
  t.deepEqual(told(text), [
    'k:10: warning: Cannot use 10.9.0.62 without "dev IF" where vrf blue stands for the interface: it must say which one it is on; it is left out',
    "k:14: warning: vrf was never in force: it is for an instance without interface",
  ]);
});

const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));

for (const file of files.filter((each) => each.endsWith(".conf"))) {
  test(`${file} converted means what ${file} means`, (t) => {
    const text = readFileSync(file, "utf8");
    const { comments } = translated(text, file);
    const { result, sections } = forgiven(text, file);
    const converted = readNative({
      file,
      text: convertedText(sections, comments),
      ...surroundings,
    });
    t.is(printed(converted), printed(result));
  });
}

test("two services of one address, and names that look alike here, stay two", (t) => {
  const service = (protocol: string, real: string): string =>
    `virtual_server 10.9.0.1 53 {\nprotocol ${protocol}\nlb_kind DR\nreal_server ${real} 53 {\n}\n}\n`;
  const script = (name: string): string => `vrrp_script ${name} {\nscript "/bin/true"\n}\n`;
  const text = `${script("a.b")}${script("a-b")}${INSTANCE}track_script {\na-b\na.b\n}\n}
${service("TCP", "10.9.0.8")}${service("UDP", "10.9.0.9")}`;
  const result = read(text);
  if (!result.ok) throw new Error(result.problems.map(problemLine).join("\n"));
  t.deepEqual(
    result.config.virtualServers.map(({ name, realServers }) => [
      name,
      realServers.map((one) => one.name),
    ]),
    [
      ["10.9.0.1:53", ["10.9.0.8:53"]],
      ["10.9.0.1:53-2", ["10.9.0.9:53"]],
    ],
  );
  t.deepEqual(
    result.config.vrrpScripts.map(({ name }) => name),
    ["a.b", "a-b"],
  );
});

test("scripts run as keepalived_script where this machine has such a user and nobody else is named", (t) => {
  const users = "root:x:0:0::/root:/bin/sh\nkeepalived_script:x:999:999::/:/bin/false\n";
  const userIn = (text: string, passwd: string): string | null | undefined =>
    translated(text, "k", passwd)
      .sections.find(({ name }) => name === "global")
      ?.entries.find(({ key }) => key === "script_user")?.value;

  t.is(userIn(`${INSTANCE}}`, users), "keepalived_script");
  t.is(userIn(`${INSTANCE}}`, "root:x:0:0::/root:/bin/sh\n"), undefined);
  t.is(userIn(`global_defs {\nscript_user nobody\n}\n${INSTANCE}}`, users), "nobody");
});
