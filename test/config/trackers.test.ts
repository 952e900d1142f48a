// What is tracked beside scripts: sections, their defaults, and every complaint about them.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { configOf, INSTANCE, linesOf, SERVICE } from "./helpers.ts";

const ALL = `${INSTANCE}track_interface[] = eth1.100
track_interface[] = eth2 weight -20 reverse
track_file[] = load
track_file[] = hold weight 0
track_process[] = web
track_bfd[] = peer weight -10
track_virtual_server[] = shop weight -60
bfd_promote = peer
dont_track_primary
[interface.eth1.100]
down_delay = 2
[track_file.load]
file = /run/load
weight = -254 reverse
init_file = 7 overwrite
[track_file.hold]
file = /run/hold
[vrrp_track_process.web]
process = haproxy -f '/etc/my conf'
param_match = initial
quorum = 2
delay = 0.5
terminate_delay = 3
[bfd_instance.peer]
neighbour_ip = 10.0.0.2
source_ip = 10.0.0.1
multiplier = 3
[virtual_server.shop]
address = 10.0.0.100:80
protocol = tcp
[real_server.shop.rs1]
address = 10.0.0.21:80
`;

test("every tracker is read, with keepalived's defaults", (t) => {
  const { trackers, vrrpInstances } = configOf(ALL);
  t.deepEqual(trackers, {
    interfaces: [{ name: "eth1.100", downDelayMs: 2000, upDelayMs: 2000 }],
    files: [
      {
        name: "load",
        path: "/run/load",
        weight: -254,
        reverse: true,
        init: { value: 7, overwrite: true },
      },
      { name: "hold", path: "/run/hold", weight: 1, reverse: false, init: null },
    ],
    processes: [
      {
        name: "web",
        program: "haproxy",
        parameters: ["-f", "/etc/my conf"],
        match: "initial",
        fullCommand: false,
        quorum: 2,
        quorumMax: null,
        upDelayMs: 500,
        downDelayMs: 3000,
        weight: 0,
        reverse: false,
      },
    ],
    bfd: [
      {
        name: "peer",
        neighbor: "10.0.0.2",
        source: "10.0.0.1",
        minTxMs: 10,
        minRxMs: 10,
        idleTxMs: 1000,
        multiplier: 3,
        passive: false,
        ttl: 255,
        maxHops: 0,
        multihop: false,
        weight: 0,
        reverse: false,
      },
    ],
  });
  t.deepEqual(vrrpInstances[0]?.tracking, {
    uses: [
      { kind: "interface", name: "eth1.100", weight: 0, reverse: false },
      { kind: "interface", name: "eth2", weight: -20, reverse: true },
      { kind: "file", name: "load", weight: -254, reverse: true },
      { kind: "file", name: "hold", weight: 0, reverse: false },
      { kind: "process", name: "web", weight: 0, reverse: false },
      { kind: "bfd", name: "peer", weight: -10, reverse: false },
      { kind: "virtual_server", name: "shop", weight: -60, reverse: false },
    ],
    dontTrackPrimary: true,
    bfdPromote: "peer",
  });
});

test("printConfig() of every tracker is read as the same", (t) => {
  const config = configOf(ALL);
  t.deepEqual(configOf(printConfig(config)), config);
  t.deepEqual(linesOf(ALL), []);
});

test("a neighbour behind routers may have lost hops: max_hops is 255 with multihop", (t) => {
  const text = `${INSTANCE}track_bfd[] = far\n[bfd_instance.far]\nneighbor_ip = 192.0.2.1\nmultihop = yes\n`;
  t.is(configOf(text).trackers.bfd[0]?.maxHops, 255);
});

const complaints: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "names that do not exist",
    "track_file[] = loud\ntrack_bfd[] = x\nbfd_promote = pear\n[track_file.load]\nfile = /f\n[bfd_instance.peer]\nneighbor_ip = 10.0.0.2\n",
    [
      '5: Cannot use track_file "loud": there is no [track_file.loud] (did you mean "load"?)',
      '6: Cannot use track_bfd "x": there is no [bfd_instance.x]',
      '7: Cannot use bfd_promote "pear": there is no [bfd_instance.pear] (did you mean "peer"?)',
      "8: warning: Cannot make use of [track_file.load]: nothing tracks it",
      "10: warning: Cannot make use of [bfd_instance.peer]: nothing tracks it",
    ],
  ],
  [
    "an interface tracked twice",
    "track_interface[] = eth0\ntrack_interface[] = eth1\ntrack_interface[] = eth1\n",
    [
      "5: warning: track_interface eth0 is ignored: it is this instance's own, which counts anyway",
      "7: Cannot use track_interface eth1 twice: line 6 has it already",
    ],
  ],
  [
    "a down_delay that adverts would not survive",
    "[interface.eth0]\ndown_delay = 2\n",
    [
      "6: warning: Cannot keep down_delay 2 on eth0: its adverts would be missed before, 1999ms is used",
    ],
  ],
  [
    "weights outside of the range of their kind",
    "track_interface[] = eth1 weight 254\ntrack_file[] = f weight 255\n[track_file.f]\nfile = /f\ninit_file = many\n",
    [
      '5: Cannot use track_interface "eth1 weight 254": it must be INTERFACE [weight N [reverse]], and weight N [reverse] is -253 to 253, and then perhaps reverse',
      '6: Cannot use track_file "f weight 255": it must be NAME [weight N [reverse]], and weight N [reverse] is -254 to 254, and then perhaps reverse',
      "7: warning: Cannot make use of [track_file.f]: nothing tracks it",
      '9: Cannot use init_file "many": it must be [NUMBER] [overwrite], and NUMBER is -999999999 to 999999999',
    ],
  ],
  [
    "a weight that cannot do anything",
    "priority = 1\ntrack_interface[] = eth1 weight -20\n",
    [
      "6: warning: Cannot use the weight -20 of track_interface eth1: the priority is 1 already, and does not fall below",
    ],
  ],
  [
    "a weight on a pair with nopreempt",
    "nopreempt\ntrack_interface[] = eth1 weight -20\n",
    [
      "6: warning: Cannot fail over by the weight of track_interface eth1 on a pair with nopreempt: a backup leaves a master alone whose priority has fallen (use weight 0 for a FAULT)",
    ],
  ],
  [
    "a session that contradicts itself or another",
    "track_bfd[] = a\ntrack_bfd[] = b\n[bfd_instance.a]\nneighbor_ip = 10.0.0.2\n[bfd_instance.b]\nneighbor_ip = 10.0.0.2\n",
    ["10: Cannot use neighbor_ip 10.0.0.2 twice: [bfd_instance.a] (line 8) has it already"],
  ],
  [
    "two families in one session",
    "track_bfd[] = a\n[bfd_instance.a]\nneighbor_ip = 10.0.0.2\nsource_ip = 2001:db8::1\n",
    ["8: Cannot use source_ip 2001:db8::1 with neighbor_ip 10.0.0.2: they must be of one family"],
  ],
  [
    "a backup that its own promotion would put in FAULT",
    "track_bfd[] = a\nbfd_promote = a\n[bfd_instance.a]\nneighbor_ip = 10.0.0.2\n",
    [
      "5: warning: Cannot promote by bfd_promote a and track it with weight 0: when the master dies, this backup is in FAULT",
    ],
  ],
  [
    "processes that nothing can fulfil",
    "track_process[] = p\n[vrrp_track_process.p]\nprocess = a 'b\nquorum = 3\nquorum_max = 2\n",
    [
      `7: Cannot use process "a 'b": a quote is not closed`,
      "9: Cannot use quorum_max 2 with quorum 3: it must be 3 or more, or 0",
    ],
  ],
];

for (const [title, text, says] of complaints) {
  test(`duet check tells ${title}`, (t) => {
    t.deepEqual(linesOf(INSTANCE + text), says);
  });
}

test("track_group[] tracks the static lines of its name, which may be of all kinds", (t) => {
  const text = `${INSTANCE}track_group[] = up
track_group[] = more weight -20
[global]
static_ipaddress[] = 10.3.0.1/24 dev eth1 track_group up
static_routes[] = 10.4.0.0/16 via 10.3.0.2 track_group up
static_rules[] = from 10.4.0.0/16 lookup 9 track_group more
`;
  const config = configOf(text);
  const { vips, routes, rules } = config.statics;
  t.deepEqual(
    [...vips, ...routes, ...rules].map(({ trackGroup }) => trackGroup),
    ["up", "up", "more"],
  );
  t.deepEqual(config.vrrpInstances[0]?.tracking.uses, [
    { kind: "group", name: "up", weight: 0, reverse: false },
    { kind: "group", name: "more", weight: -20, reverse: false },
  ]);
  t.deepEqual(configOf(printConfig(config)), config);
});

test("a track_group that is written at one end alone is told, and so is one that is virtual", (t) => {
  const text = `${INSTANCE}track_group[] = upp
virtual_routes[] = 10.4.0.0/16 dev eth1 track_group up
[global]
static_rules[] = from 10.4.0.0/16 lookup 9 track_group up
`;
  const [unknown, virtual, unused] = linesOf(text);
  t.is(
    unknown,
    '5: Cannot use track_group "upp": no line of static_ipaddress, static_routes, static_rules has "track_group upp" (did you mean "up"?)',
  );
  t.regex(virtual ?? "", /^6: Cannot use virtual_routes ".* track_group up": it must be /);
  t.is(
    unused,
    '8: warning: Cannot make use of "track_group up" in static_rules: nothing tracks it',
  );
});

test("track_virtual_server[] of an instance and of a sync group names services that can be found again", (t) => {
  const second = INSTANCE.replace("VI_1", "VI_2").replace("51", "52").replace(".100", ".101");
  const text = `${INSTANCE}track_virtual_server[] = wob
track_virtual_server[] = web
track_virtual_server[] = web weight -2
${second}[vrrp_sync_group.G]
group[] = VI_1
group[] = VI_2
track_virtual_server[] = rest weight -60
track_virtual_server[] = page
track_virtual_server[] = page.html weight -999
${SERVICE}[virtual_server.rest]
address = 10.0.0.100:81
protocol = tcp
ha_suspend
[real_server.rest.rs1]
address = 10.0.0.21:81
[virtual_server.page]
address = 10.0.0.100:82
protocol = tcp
sorry_server = 10.0.0.9:82
[real_server.page.rs1]
address = 10.0.0.21:82
`;
  t.deepEqual(linesOf(text), [
    '5: Cannot use track_virtual_server "wob": there is no [virtual_server.wob] (did you mean "web"?)',
    "7: Cannot use track_virtual_server web twice: line 6 has it already",
    "7: warning: track_virtual_server web is ignored: its weight would move one member of [vrrp_sync_group.G] and part it from the others (track it in the group, use weight 0 for a FAULT, or set sync_group_tracking_weight there)",
    '15: Cannot use track_virtual_server "rest" with ha_suspend of [virtual_server.rest]: without the addresses its checks rest, and a quorum that was lost would never be found again (leave one of them out)',
    '16: warning: track_virtual_server page without a weight leaves the sorry server of [virtual_server.page] to nobody: with the real servers gone both nodes are in FAULT (give it a weight, as in "page weight -60")',
    '17: Cannot use track_virtual_server "page.html weight -999": it must be NAME [weight N [reverse]], and weight N [reverse] is -253 to 253, and then perhaps reverse',
  ]);
});
