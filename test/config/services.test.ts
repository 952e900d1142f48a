// Virtual servers, groups, forwarding methods and thresholds: what is read, and what is refused.

import test from "ava";
import { parseGroupMember } from "../../src/config/director/group-member.ts";
import { lvsMethod } from "../../src/config/director/ipvs-lines.ts";
import { printConfig } from "../../src/config/print.ts";
import { serviceName } from "../../src/ipvs/model.ts";
import { configOf, linesOf, SERVICE } from "./helpers.ts";

const GROUP = `[virtual_server_group.g]
member[] = 10.0.0.100 80
member[] = 10.0.0.100 443
[virtual_server.web]
group = g
protocol = tcp
[real_server.web.rs1]
address = 10.0.0.21
`;

/** Lines added below the virtual server's protocol. */
function service(...lines: readonly string[]): string {
  return SERVICE.replace("protocol = tcp", ["protocol = tcp", ...lines].join("\n"));
}

const methods: readonly (readonly [written: string, text: string])[] = [
  ["nat", "NAT"],
  ["DR", "DR"],
  ["TUN", "TUN"],
  ["TUN type ipip", "TUN"],
  ["TUN type ipip nocsum", "TUN"],
  ["TUN type gue port 6080", "TUN type gue port 6080"],
  ["TUN type gue port 6080 nocsum", "TUN type gue port 6080"],
  ["TUN type gue port 6080 remcsum", "TUN type gue port 6080 remcsum"],
  ["tun type gre csum", "TUN type gre csum"],
];

test("lb_kind is keepalived's lvs_method, and is printed as it reads", (t) => {
  for (const [written, text] of methods) {
    const judged = lvsMethod.parse(written);
    if (!judged.ok) throw new Error(`${written}: ${judged.mustBe}`);
    t.is(lvsMethod.print(judged.value), text);
  }
});

test("lb_kind refuses what no kernel can do, and says what would be right", (t) => {
  const tun = "NAT | DR | TUN [type ipip | type gue port N | type gre] [nocsum|csum|remcsum]";
  const bad: readonly (readonly [string, string])[] = [
    ["NATT", `${tun}, and METHOD is one of NAT, DR, TUN (did you mean "NAT"?)`],
    ["DR type ipip", `${tun}, DR alone: only TUN has a type`],
    ["TUN type vxlan", `${tun}, and type T is one of ipip, gue, gre`],
    ["TUN gue", `${tun}, and C is one of nocsum, csum, remcsum`],
    ["TUN type gue", `${tun}, gue has a port, the others have none`],
    ["TUN type gue port 65536", `${tun}, and port N is 1 to 65535`],
    ["TUN type gre port 5", `${tun}, gue has a port, the others have none`],
    ["TUN type ipip csum", `${tun}, ipip has no checksum`],
    ["TUN type gre remcsum", `${tun}, remcsum is for gue`],
    ["TUN type gre csum nocsum", `${tun}, not "nocsum"`],
  ];
  for (const [written, mustBe] of bad) {
    t.deepEqual(lvsMethod.parse(written), { ok: false, mustBe }, written);
  }
});

const members: readonly (readonly [string, readonly string[]])[] = [
  ["10.0.0.1", ["10.0.0.1"]],
  ["10.0.0.8-10 80", ["10.0.0.8", "10.0.0.9", "10.0.0.10"]],
  ["10.0.0.255-10.0.1.1 80", ["10.0.0.255", "10.0.1.0", "10.0.1.1"]],
  ["10.0.0.0/30", ["10.0.0.1", "10.0.0.2"]],
  ["10.0.0.4/31", ["10.0.0.4", "10.0.0.5"]],
  ["10.0.0.4/32 80", ["10.0.0.4"]],
  ["2001:DB8::fe-100 80", ["2001:db8::fe", "2001:db8::ff", "2001:db8::100"]],
  ["2001:db8::ffff-2001:db8::1:0", ["2001:db8::ffff", "2001:db8::1:0"]],
  ["2001:db8::/127", ["2001:db8::", "2001:db8::1"]],
];

test("a member of a group is an address or a range of them", (t) => {
  for (const [text, addresses] of members) {
    const port = text.endsWith(" 80") ? 80 : null;
    t.deepEqual(parseGroupMember(text), {
      ok: true,
      value: { kind: "addresses", addresses, port },
    });
  }
});

test("a member of a group is refused with what would be right", (t) => {
  for (const text of [
    "10.0.0.1:80", "10.0.0.1 0x50", "10.0.0.1 65536", "10.0.0.5-4", "10.0.0.5-256", "10.0.0.0/16", "10.0.0.1/24",
    "224.0.0.1", "10.0.0.1-2001:db8::1", "2001:db8::1-fffff", "fwmark", "fwmark 0", "fwmark 1 ipv6", "10.0.0.1 80 81",
    "2001:db8::/64", "10.0.0.0/24-5", "www 80",
  ]) {
    const judged = parseGroupMember(text);
    t.regex(judged.ok ? "accepted" : judged.mustBe, /^ADDRESS \[PORT\], a range such as/, text);
  } // biome-ignore format: a list of words
});

test("a group is one service for each member, all with the same real servers", (t) => {
  const text = `${GROUP.replace("443", "443\nmember[] = fwmark 9 inet6\nmember[] = 10.0.0.7-8 80")}lb_kind = TUN`;
  const [web] = configOf(text).virtualServers;
  t.deepEqual(web?.keys.map(serviceName), [
    "tcp 10.0.0.100:80",
    "tcp 10.0.0.100:443",
    "fwmark 9 inet6",
    "tcp 10.0.0.7:80",
    "tcp 10.0.0.8:80",
  ]);
  t.is(web?.realServers[0]?.destination.port, 0);
  t.deepEqual(configOf(printConfig(configOf(text))), configOf(text));
});

test("flags, engine, thresholds and methods reach the configuration", (t) => {
  const text = `${service(
    "lb_algo = sh",
    "sh-port",
    "sh-fallback = yes",
    "flag-3",
    "persistence_timeout",
    "lb_kind = TUN type gre csum",
    "sorry_server = 10.0.0.99:80",
    "sorry_server_inhibit",
    "sorry_server_lvs_method = NAT",
    "quorum_up = /bin/true up",
    "omega",
    "alpha = no",
    "ha_suspend",
  )}weight = 2147483647\nuthreshold = 100\nlthreshold = 80\n`;
  const config = configOf(text);
  const [web] = config.virtualServers;
  t.like(web, {
    scheduler: "sh",
    flags: ["flag-1", "flag-2", "flag-3"],
    persistence: { timeoutS: 360, prefixLength: null },
    sorryInhibit: true,
    omega: true,
    haSuspend: true,
  });
  t.is(web?.hooks.quorumUp, "/bin/true up");
  t.like(web?.sorryServer, { forward: "NAT", port: 80 });
  t.is(web?.realServers[0]?.alpha, false);
  t.deepEqual(web?.realServers[0]?.destination, {
    address: "10.0.0.21",
    port: 80,
    forward: "TUN",
    tunnel: { type: "gre", port: 0, checksum: "checksum" },
    weight: 2_147_483_647,
    upperThreshold: 100,
    lowerThreshold: 80,
  });
  t.deepEqual(configOf(printConfig(config)), config);
});

test("a service of every port is persistent, and its servers have no port of their own", (t) => {
  const text = SERVICE.replace("100:80", "100\nlb_kind = DR\npersistence_timeout = 60");
  const [web] = configOf(text.replace("21:80", "21")).virtualServers;
  t.deepEqual(web?.keys.map(serviceName), ["tcp 10.0.0.100:0"]);
  t.is(web?.realServers[0]?.destination.port, 0);
  t.deepEqual(linesOf(text), [
    "7: warning: Cannot use port 80 with DR, none is used: only NAT can change the port",
  ]);
});

test("a firewall mark is of the family that ip_family says", (t) => {
  const text =
    "[virtual_server.w]\nfwmark = 9\nip_family = inet6\nlb_kind = TUN\n[real_server.w.r]\naddress = 10.0.0.1\n";
  t.deepEqual(configOf(text).virtualServers[0]?.keys.map(serviceName), ["fwmark 9 inet6"]);
});

test("sctp and udp are protocols; ops is for udp and marks", (t) => {
  t.deepEqual(linesOf(SERVICE.replace("tcp", "sctp")), []);
  t.deepEqual(linesOf(SERVICE.replace("tcp", "udp\nops")), []);
  t.deepEqual(linesOf(service("ops")), [
    "4: Cannot use ops with protocol tcp: it must be udp, or a firewall mark",
  ]);
});

const bad: readonly (readonly [title: string, text: string, says: readonly string[]])[] = [
  [
    "a group that is not there",
    GROUP.replace("group = g", "group = gg"),
    [
      "1: warning: Cannot make use of [virtual_server_group.g]: no virtual server has it as its group",
      '5: Cannot use group "gg": there is no [virtual_server_group.gg] (did you mean "g"?)',
    ],
  ],
  [
    "a group beside an address",
    GROUP.replace("group = g", "group = g\naddress = 10.0.0.1:80\nlb_kind = DR"),
    ["6: Cannot use address and group in one virtual_server: leave one of them out"],
  ],
  [
    "addresses of a group without a protocol",
    GROUP.replace("protocol = tcp\n", ""),
    [
      '5: Cannot use an address without a protocol in [virtual_server.web]: add "protocol = tcp", "protocol = udp" or "protocol = sctp"',
    ],
  ],
  [
    "both families in one group",
    GROUP.replace("10.0.0.100 443", "2001:db8::1 443"),
    [
      "3: Cannot use 2001:db8::1 beside 10.0.0.100 in [virtual_server_group.g]: IPv4 and IPv6 need groups of their own",
      "8: Cannot use real server 10.0.0.21 with 2001:db8::1: only TUN crosses between IPv4 and IPv6",
    ],
  ],
  [
    "one address twice in a group",
    GROUP.replace("443", "80"),
    ["5: Cannot use tcp 10.0.0.100 80 twice: line 5 has it already"],
  ],
  [
    "another port than one of the group's with DR",
    `${GROUP.replace("21", "21:80")}lb_kind = DR`,
    ["8: Cannot use port 80 with DR: it must be 443, only NAT can change the port"],
  ],
  [
    "a flag of another scheduler",
    service("mh-port", "sh-fallback"),
    [
      '4: Cannot use mh-port with lb_algo wlc: it needs "lb_algo = mh"',
      '5: Cannot use sh-fallback with lb_algo wlc: it needs "lb_algo = sh"',
    ],
  ],
  [
    "thresholds the wrong way round",
    `${SERVICE}uthreshold = 5\nlthreshold = 6`,
    ["7: Cannot use lthreshold 6 with uthreshold 5: it must not be more"],
  ],
  [
    "a weight that the kernel does not take",
    `${SERVICE}weight = 2147483648`,
    ["6: Cannot use weight 2147483648: it must be 0 to 2147483647"],
  ],
  [
    "an engine without persistence, and without UDP",
    service("persistence_engine = sip"),
    [
      '4: Cannot use persistence_engine without persistence_timeout or persistence_granularity: add "persistence_timeout = 360"',
      '4: Cannot use persistence_engine sip without UDP: it needs "protocol = udp"',
    ],
  ],
  [
    "ha_suspend of marks",
    "[virtual_server.w]\nfwmark = 9\nha_suspend\n[real_server.w.r]\naddress = 10.0.0.1",
    [
      "3: Cannot use ha_suspend with firewall marks made by hand only: it needs an address that this node has or has not (mark names some)",
    ],
  ],
  [
    "a method of the sorry server without a sorry server (a warning)",
    service("sorry_server_lvs_method = DR", "sorry_server_inhibit = yes"),
    [
      "4: warning: Cannot use sorry_server_lvs_method without sorry_server, it is ignored: it says nothing by itself",
      "5: warning: Cannot use sorry_server_inhibit without sorry_server, it is ignored: it says nothing by itself",
    ],
  ],
  [
    "a family of an address (a warning)",
    service("ip_family = inet6"),
    [
      "4: warning: Cannot use ip_family without a firewall mark, it is ignored: an address has its own family",
    ],
  ],
  [
    "a real server of the other family behind a mark",
    "[virtual_server.w]\nfwmark = 9\nip_family = inet6\n[real_server.w.r]\naddress = 10.0.0.1",
    [
      "5: Cannot use real server 10.0.0.1 with the IPv6 mark 9: only TUN crosses between IPv4 and IPv6",
    ],
  ],
];

for (const [title, text, says] of bad) {
  test(`readNative() reports ${title}`, (t) => {
    t.deepEqual(linesOf(text), says);
  });
}

test("a sorry server that is no good is told once, not missed by what belongs to it", (t) => {
  const lines = linesOf(`[virtual_server.w]
fwmark = 1
sorry_server = nowhere:x:y
sorry_server_inhibit = yes
[real_server.w.r]
address = 10.0.0.1:80
`);
  t.deepEqual(
    lines.map((line) => line.split(":")[0]),
    ["3"],
  );
});
