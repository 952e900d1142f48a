// Every mistake that the design names, one row each: the text, and every problem in it with its line.

import test from "ava";
import { INSTANCE, linesOf, problemsOf, SERVICE } from "./helpers.ts";

type Row = { readonly title: string; readonly text: string; readonly says: readonly string[] };

const ADDRESS_LINE =
  "ADDRESS[/LENGTH] [dev IF] [scope S] [label L] [brd A|+|-] [peer A[/LENGTH]] [noprefixroute] [home] [-nodad] [preferred_lft N|forever] [no_track] [use_vmac]";
const HOST =
  "and ADDRESS[/LENGTH] is the address of one host, with a LENGTH from 1 to 32 (IPv6: 128)";

const rows: readonly Row[] = [
  {
    title: "an unknown section, with the nearest known one",
    text: `${INSTANCE}[vrrp_instanc.B]\ninterface = x`,
    says: [
      '5: Cannot use section [vrrp_instanc.B]: there is no kind "vrrp_instanc" (did you mean "vrrp_instance"?)',
    ],
  },
  {
    title: "an unknown key, with the nearest known one",
    text: `${INSTANCE}priorty = 5`,
    says: [
      '5: Cannot use key "priorty" in [vrrp_instance.VI_1]: there is no such key (did you mean "priority"?)',
    ],
  },
  {
    title: "a key of another section",
    text: `${INSTANCE}sorry_server = 10.0.0.9`,
    says: [
      '5: Cannot use key "sorry_server" in [vrrp_instance.VI_1]: there is no such key, it is one of [virtual_server.NAME]',
    ],
  },
  {
    title: "an unknown word of an enum, with the nearest known one",
    text: `${INSTANCE}state = MASTR`,
    says: ['5: Cannot use state "MASTR": it must be MASTER or BACKUP (did you mean "MASTER"?)'],
  },
  {
    title: "a duplicate key",
    text: `${INSTANCE}priority = 5\npriority = 6`,
    says: ["6: Cannot use priority twice: line 5 has it already"],
  },
  {
    title: "a duplicate key by another spelling",
    text: `[check.a]\ntype = tcp\ninterval = 1\ndelay_loop = 2\n${SERVICE}`,
    says: ["4: Cannot use delay_loop twice: line 3 has it already (it is the same as interval)"],
  },
  {
    title: "a duplicate section",
    text: `${INSTANCE}[vrrp_instance.VI_1]\ninterface = eth1\nvirtual_router_id = 9\nvirtual_ipaddress[] = 10.0.0.7`,
    says: ["5: Cannot use section [vrrp_instance.VI_1] twice: line 1 has it already"],
  },
  ...["0", "256", "300", "-1", "1.5", "x"].map((text) => ({
    title: `priority ${text}`,
    text: `${INSTANCE}priority = ${text}`,
    says: [
      `5: Cannot use priority ${text === "x" ? '"x"' : text}: it must be 1 to 254 (255 is for the address owner)`,
    ],
  })),
  {
    title: "priority 255 on a machine that does not own the address (RFC 5798 §6.1)",
    text: `${INSTANCE}priority = 255`,
    says: [
      "5: warning: priority 255 is for the owner of the addresses, and 10.0.0.100 is no address of this machine: it is MASTER at its start without asking, takes back always, and no weight moves it (use 1 to 254)",
    ],
  },
  {
    title: "state MASTER without priority on a machine that does not own the address",
    text: `${INSTANCE}state = MASTER`,
    says: [
      "5: warning: state MASTER without priority means 255, which is for the owner of the addresses, and 10.0.0.100 is no address of this machine: it is MASTER at its start without asking, takes back always, and no weight moves it (use 1 to 254)",
    ],
  },
  ...["0", "256"].map((vrid) => ({
    title: `virtual_router_id ${vrid}`,
    text: INSTANCE.replace("51", vrid),
    says: [`3: Cannot use virtual_router_id ${vrid}: it must be 1 to 255`],
  })),
  {
    title: "two instances with one virtual_router_id on an interface",
    text: `${INSTANCE}${INSTANCE.replace("VI_1", "VI_2").replace(".100", ".101")}`,
    says: [
      "7: Cannot use virtual_router_id 51 on eth0 twice: [vrrp_instance.VI_1] (line 1) has it already",
    ],
  },
  {
    title: "one address in two instances",
    text: `${INSTANCE}${INSTANCE.replace("VI_1", "VI_2").replace("51", "52").replace("/24", "/32")}`,
    says: [
      "8: Cannot use virtual_ipaddress 10.0.0.100 twice: [vrrp_instance.VI_1] (line 4) has it already",
    ],
  },
  ...[
    ["10.0.0.256/24", HOST],
    ["10.0.0.1/33", HOST],
    ["10.0.0.1/24/8", HOST],
    ["224.0.0.1/24", HOST],
    ["0.0.0.0", HOST],
    ["2001:db8::1/129", HOST],
    ["ff02::5", HOST],
    ["2001:db8::1 label eth0:1", "without label and brd: IPv6 addresses have neither"],
    ["10.0.0.1 home", "without home and -nodad: they are for IPv6 addresses"],
    ["10.0.0.1 dev", 'with a word after "dev"'],
    ["10.0.0.1 dve eth0", 'not "dve" (did you mean "dev"?)'],
    ["10.0.0.1 dev eth0 dev eth1", 'with one "dev"'],
    ["10.0.0.1 dev a/b", "and dev IF is 1 to 15 letters without spaces, slashes and colons"],
    [
      "10.0.0.1 scope globl",
      'and scope S is one of global, site, link, host, nowhere (did you mean "global"?)',
    ],
    [
      "10.0.0.1 label eth0:1234567890a",
      "and label L is 1 to 15 letters without spaces and slashes",
    ],
    ["10.0.0.1 brd +", 'and "brd" an IPv4 address, or + or - with a prefix length up to 30'],
    ["10.0.0.1/24 brd x", "and brd A|+|- is an IPv4 address, or + or -"],
  ].map(([line = "", mustBe = ""]) => ({
    title: `virtual_ipaddress ${line}`,
    text: INSTANCE.replace("10.0.0.100/24", line),
    says: [`4: Cannot use virtual_ipaddress "${line}": it must be ${ADDRESS_LINE}, ${mustBe}`],
  })),
  {
    title: "an interface name that the kernel would not take",
    text: INSTANCE.replace("eth0", "an-interface-too-long"),
    says: [
      '2: Cannot use interface "an-interface-too-long": it must be 1 to 15 letters without spaces, slashes and colons',
    ],
  },
  {
    title: "an instance without interface, virtual_router_id and addresses",
    text: "[vrrp_instance.VI_1]\n",
    says: [
      '1: Cannot use [vrrp_instance.VI_1] without interface: add a line such as "interface = eth0"',
      '1: Cannot use [vrrp_instance.VI_1] without virtual_router_id: add a line such as "virtual_router_id = 51"',
      '1: Cannot use [vrrp_instance.VI_1] without virtual_ipaddress: add a line such as "virtual_ipaddress[] = 172.17.253.110/24 dev eth0 label eth0:1", or no_virtual_ipaddress = yes where somebody else moves the addresses',
    ],
  },
  {
    title: "256 addresses in an instance (RFC 3768 §5.3.5)",
    text:
      INSTANCE +
      Array.from({ length: 255 }, (_, i) => `virtual_ipaddress[] = 10.1.0.${i}`).join("\n"),
    says: ["259: Cannot tell 256 addresses in one advert: an instance holds up to 255"],
  },
  ...["0.5", "1500ms"].map((text) => ({
    title: `advert_int ${text} with version 2 (RFC 3768 §5.3.7)`,
    text: `${INSTANCE}advert_int = ${text}`,
    says: [
      `5: Cannot use advert_int ${text === "0.5" ? text : "1.5"} with version 2: it must be whole seconds from 1 to 255 (version 3 takes 0.01 to 40.95)`,
    ],
  })),
  ...["41", "0.015"].map((text) => ({
    title: `advert_int ${text} with version 3 (RFC 5798 §5.2.7)`,
    text: `${INSTANCE}version = 3\nadvert_int = ${text}`,
    says: [
      `6: Cannot use advert_int ${text} with version 3: it must be 0.01 to 40.95 seconds in steps of 10 ms`,
    ],
  })),
  {
    title: "advert_int 0",
    text: `${INSTANCE}advert_int = 0`,
    says: [
      "5: Cannot use advert_int 0: it must be a time from 10ms to 255s, such as 5, 2s, 250ms or 1m",
    ],
  },
  {
    title: "preempt and nopreempt that contradict each other",
    text: `${INSTANCE}preempt = yes\nnopreempt = yes`,
    says: ["6: Cannot use preempt and nopreempt that contradict each other: leave one of them out"],
  },
  {
    title: "a boolean that is none",
    text: `${INSTANCE}nopreempt = maybe`,
    says: ['5: Cannot use nopreempt "maybe": it must be yes or no (or true, false, on, off)'],
  },
  {
    title: "a tracked script that is not defined",
    text: `[vrrp_script.nginx]\nscript = /bin/true\n${INSTANCE}track_script[] = ngnix`,
    says: [
      '7: Cannot use track_script "ngnix": there is no [vrrp_script.ngnix] (did you mean "nginx"?)',
    ],
  },
  {
    title: "a sync group with a member that is not defined",
    text: `${INSTANCE}[vrrp_sync_group.G1]\ngroup[] = VI_2\ngroup[] = VI_1`,
    says: ['6: Cannot use group "VI_2": there is no [vrrp_instance.VI_2] (did you mean "VI_1"?)'],
  },
  {
    title: "an instance in two sync groups",
    text: `${INSTANCE}[vrrp_sync_group.G1]\ngroup[] = VI_1\ngroup[] = VI_1`,
    says: ["7: Cannot use group VI_1 twice: line 6 has it already"],
  },
  {
    title: "a script weight out of range",
    text: `${INSTANCE}[vrrp_script.a]\nscript = /bin/true\nweight = 254`,
    says: ["7: Cannot use weight 254: it must be -253 to 253, and then perhaps reverse"],
  },
  {
    title: "an unknown scheduler, with the nearest known one",
    text: SERVICE.replace("tcp", "tcp\nlb_algo = wlcc"),
    says: [
      '4: Cannot use lb_algo "wlcc": it must be one of rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh, twos (did you mean "wlc"?)',
    ],
  },
  {
    title: "a port without a protocol",
    text: SERVICE.replace("protocol = tcp\n", ""),
    says: [
      '2: Cannot use an address without a protocol in [virtual_server.web]: add "protocol = tcp", "protocol = udp" or "protocol = sctp"',
    ],
  },
  {
    title: "a virtual server without a port",
    text: SERVICE.replace("10.0.0.100:80", "10.0.0.100"),
    says: [
      '2: Cannot use 10.0.0.100 without a port and without persistence: add a port (such as 10.0.0.100:80), or "persistence_timeout = 360" for a service of every port',
    ],
  },
  {
    title: "a port out of range",
    text: SERVICE.replace("10.0.0.100:80", "10.0.0.100:65536"),
    says: [
      '2: Cannot use address "10.0.0.100:65536": it must be ADDRESS or ADDRESS:PORT, such as 10.0.0.1:80, [2001:db8::1]:80 or web1.example.com:http, with a port from 1 to 65535',
    ],
  },
  {
    title: "neither address nor fwmark",
    text: SERVICE.replace("address = 10.0.0.100:80\n", ""),
    says: [
      '1: Cannot use [virtual_server.web] without an address: add "address = IP:PORT", "fwmark = N" or "group = NAME"',
    ],
  },
  {
    title: "address and fwmark",
    text: SERVICE.replace("tcp", "tcp\nfwmark = 5"),
    says: ["4: Cannot use address and fwmark in one virtual_server: leave one of them out"],
  },
  {
    title: "protocol with fwmark (a warning)",
    text: SERVICE.replace("address = 10.0.0.100:80", "fwmark = 5"),
    says: [
      "3: warning: Cannot use protocol with fwmark, it is ignored: the mark stands for every protocol",
    ],
  },
  {
    title: "a real server without a port behind NAT",
    text: SERVICE.replace("21:80", "21"),
    says: ["5: warning: The real server 10.0.0.21 has no port, so that of the service is used: 80"],
  },
  ...["DR", "TUN"].map((kind) => ({
    title: `another port than the service's with ${kind}`,
    text: SERVICE.replace("21:80", "21:8080").replace("tcp", `tcp\nlb_kind = ${kind}`),
    says: [
      `6: warning: Cannot use port 8080 with ${kind}, 80 is used: only NAT can change the port`,
    ],
  })),
  {
    title: "a real server of the other address family, unless it is TUN",
    text: SERVICE.replace("10.0.0.21:80", "[2001:db8::1]:80"),
    says: [
      "5: Cannot use real server 2001:db8::1 with 10.0.0.100: only TUN crosses between IPv4 and IPv6",
    ],
  },
  {
    title: "a check that is not defined, on a virtual server and on a real server",
    text: `${SERVICE.replace("tcp", "tcp\ncheck[] = okpage")}check[] = x\n[check.ok_page]\ntype = tcp`,
    says: [
      '4: Cannot use check "okpage": there is no [check.okpage] (did you mean "ok_page"?)',
      '7: Cannot use check "x": there is no [check.x]',
    ],
  },
  {
    title: "a real server of an unknown virtual server",
    text: SERVICE.replace("real_server.web", "real_server.wbe"),
    says: [
      '4: Cannot use [real_server.wbe.rs1]: there is no [virtual_server.wbe] (did you mean "web"?)',
    ],
  },
  {
    title: "two virtual servers for the same address, port and protocol",
    text: `${SERVICE}${SERVICE.replaceAll("web", "web2")}`,
    says: ["7: Cannot use tcp 10.0.0.100 80 twice: [virtual_server.web] (line 2) has it already"],
  },
  {
    title: "one real server twice in a virtual server",
    text: `${SERVICE}[real_server.web.rs2]\naddress = 10.0.0.21:80`,
    says: ["7: Cannot use address 10.0.0.21 twice: [real_server.web.rs1] (line 5) has it already"],
  },
  {
    title: "a check without a port for a real server without one",
    text: `[check.a]\ntype = tcp\n[virtual_server.w]\nfwmark = 9\ncheck[] = a\n[real_server.w.r]\naddress = 10.0.0.21`,
    says: [
      '5: Cannot use check "a" for [real_server.w.r]: the real server has no port, so the check needs one ("port = 80")',
    ],
  },
  {
    title: "checks that ask no server and lack what they ask",
    text: "[check.a]\ntype = misc\nbind_port = 9\n[check.b]\ntype = file\n[check.c]\ntype = off\nscript = /bin/true\nport = 80",
    says: [
      "1: Cannot use [check.a]: type misc needs script",
      "3: Cannot use bind_port with type misc: it asks no server",
      "4: Cannot use [check.b]: type file needs file",
      "8: Cannot use script with type off: it is for type = misc",
      "9: Cannot use port with type off: it asks no server",
    ],
  },
  {
    title: "a quorum of more checks than there are",
    text: `${SERVICE}check_quorum = 2\ncheck[] = a\n[check.a]\ntype = tcp`,
    says: ["6: Cannot use check_quorum 2: [real_server.web.rs1] has 1 checks"],
  },
  {
    title: "limits of the weight the wrong way round",
    text: `${SERVICE}weight_min = 5\nweight_max = 2`,
    says: ["7: Cannot use weight_min 5 with weight_max 2: it must not be more"],
  },
  {
    title: "a check that goes from one address family to the other",
    text: `${SERVICE}check[] = a\n[check.a]\ntype = tcp\nbind_address = ::1`,
    says: [
      '6: Cannot use check "a" for [real_server.web.rs1]: it goes from ::1 to 10.0.0.21, which is the other address family',
    ],
  },
  {
    title: "a key for http in a check of type tcp",
    text: `${SERVICE}[check.a]\ntype = tcp\npath = /`,
    says: ["8: Cannot use path with type tcp: it is for type = http or https or websocket"],
  },
  {
    title: "body and regex in one check",
    text: `${SERVICE}[check.a]\ntype = http\nbody = a\nregex = b`,
    says: ["9: Cannot use body and regex in one check: leave one of them out"],
  },
  {
    title: "a regular expression that is none",
    text: `${SERVICE}[check.a]\ntype = http\nregex = a(`,
    says: [
      '8: Cannot use regex "a(": it must be a regular expression as JavaScript knows it (Unterminated group)',
    ],
  },
  ...["99", "200-", "300-200", "600", "20x"].map((text) => ({
    title: `status ${text}`,
    text: `${SERVICE}[check.a]\ntype = http\nstatus = ${text}`,
    says: [
      `8: Cannot use status ${/^\d+$/.test(text) ? text : `"${text}"`}: it must be status codes from 100 to 599 and ranges of them, such as 200 301-302`,
    ],
  })),
  {
    title: "hysteresis that is not less than quorum",
    text: SERVICE.replace("tcp", "tcp\nhysteresis = 1"),
    says: [
      "4: warning: Cannot use hysteresis 1 with quorum 1, 0 is used: it must be less than the quorum",
    ],
  },
  {
    title: "a quorum that cannot be reached (a warning)",
    text: SERVICE.replace("tcp", "tcp\nquorum = 7"),
    says: ["4: warning: Cannot reach quorum 7: the weights of the real servers add up to 1"],
  },
  {
    title: "persistence_granularity longer than an IPv4 address",
    text: SERVICE.replace("tcp", "tcp\npersistence_granularity = 64"),
    says: ["4: Cannot use persistence_granularity 64 with IPv4: it must be 1 to 32"],
  },
  {
    title: "a netmask of nothing",
    text: SERVICE.replace("tcp", "tcp\npersistence_granularity = 0.0.0.0"),
    says: [
      '4: Cannot use persistence_granularity "0.0.0.0": it must be a netmask such as 255.255.255.0 or a prefix length from 1 to 32 (IPv6: 128)',
    ],
  },
  {
    title: "an unquoted ; or # that cuts a value",
    text: `${SERVICE}[check.a]\ntype = http\nbody = a;b\npath = /x#y`,
    says: [
      '8: Cannot read the value of body: the unquoted ";" cuts it to "a" (did you mean "a;b"? a comment needs a line of its own)',
      '9: Cannot read the value of path: the unquoted "#" cuts it to "/x" (did you mean "/x#y"? a comment needs a line of its own)',
    ],
  },
  {
    title: "what no name may have",
    text: `${INSTANCE}[virtual_server.10.0.0.1/80]\nlb_algo = rr`,
    says: [
      "5: Cannot use section [virtual_server.10.0.0.1/80]: it must be [virtual_server.NAME], and a name is 1 to 64 letters, digits, _, -, . and :",
    ],
  },
  {
    title: "a section without its name",
    text: `${INSTANCE}[real_server.web]\naddress = 10.0.0.1:80`,
    says: ["5: Cannot use section [real_server.web]: it must be [real_server.VS.NAME]"],
  },
  {
    title: "a line that is neither section, key nor comment",
    text: `${INSTANCE}virtual_ipaddress {\n  10.0.0.1\n}`,
    says: [
      '5: Cannot read "virtual_ipaddress {": it is neither a [section], nor "key = value", nor a comment (keepalived\'s blocks are sections and lists here: [kind.NAME] and key[] = value)',
      '6: Cannot read "10.0.0.1": it is neither a [section], nor "key = value", nor a comment',
      '7: Cannot read "}": it is neither a [section], nor "key = value", nor a comment (keepalived\'s blocks are sections and lists here: [kind.NAME] and key[] = value)',
    ],
  },
  {
    title: "a section that is not closed",
    text: `${INSTANCE}[global\nrouter_id = x`,
    says: ['5: Cannot read "[global": a section is [KIND] or [KIND.NAME] on a line of its own'],
  },
  {
    title: "a key before any section",
    text: `router_id = a\n${INSTANCE}`,
    says: ['1: Cannot use "router_id = a" here: a [section] has to come first'],
  },
  {
    title: "a list without [] and [] without a list",
    text: `${INSTANCE}virtual_ipaddress = 10.0.0.1\npriority[] = 5`,
    says: [
      '5: Cannot use virtual_ipaddress without []: it must be "virtual_ipaddress[] = 10.0.0.1"',
      '6: Cannot use priority as a list: it must be "priority = 5"',
    ],
  },
  {
    title: "a key without a value",
    text: `${INSTANCE}priority\nnotify =`,
    says: [
      '5: Cannot use priority without a value: it must be "priority = 150"',
      '6: Cannot use notify "": it must be written after the =, or the whole line left out',
    ],
  },
  {
    title: "an empty file",
    text: "",
    says: [
      "1: Cannot use this file: nothing is configured; it needs a [vrrp_instance.NAME] or a [virtual_server.NAME]",
    ],
  },
  {
    title: "a file of comments and [global] only",
    text: "# nothing\n[global]\nrouter_id = a",
    says: [
      "1: Cannot use this file: nothing is configured; it needs a [vrrp_instance.NAME] or a [virtual_server.NAME]",
    ],
  },
  {
    title: "a zero byte",
    text: `${INSTANCE}notify = \0\0\nnonsense`,
    says: ["5: Cannot read this file: it holds a zero byte, so it is not a text file"],
  },
  {
    title: "bytes that are not UTF-8",
    text: `${INSTANCE}notify = /a\ufffd`,
    says: ["5: Cannot read this line: it is not UTF-8 text"],
  },
];

for (const { title, text, says } of rows) {
  test(`readNative() reports ${title}`, (t) => {
    t.deepEqual(linesOf(text), says);
  });
}

test("readNative() reports all problems of a file at once, in the order of the lines", (t) => {
  const text = `[vrrp_instance.A]
priority = 300
interface = eth0
bogus = 1
virtual_router_id = 1
virtual_ipaddress[] = 1.2.3
[virtual_server.w]
address = 10.0.0.1:80
check[] = none
[check.x]
type = gopher
`;
  const lines = problemsOf(text).map(({ line }) => line);
  t.deepEqual(lines, [2, 4, 6, 7, 8, 9, 11]);
});
