// The two nodes of a pair side by side: what must be the same, and what must differ.

import test, { type ExecutionContext } from "ava";
import { anotherMachine } from "../../src/config/machine.ts";
import { readNative } from "../../src/config/native.ts";
import type { Node } from "../../src/config/pair/node.ts";
import { judgePair } from "../../src/config/pair/pair.ts";

const A = `[global]
router_id = lb1
lvs_sync_daemon = eth1 VI_1 id 7
[vrrp_script.web]
script = /bin/true
weight = -60
[vrrp_instance.VI_1]
interface = eth0
virtual_router_id = 51
priority = 150
advert_int = 1
auth_type = PASS
auth_pass = secret-word
unicast_src_ip = 192.0.2.1
unicast_peer[] = 192.0.2.2
virtual_ipaddress[] = 10.0.0.100/24
virtual_ipaddress_excluded[] = 10.0.0.101/24
virtual_routes[] = 10.9.0.0/16 via 10.0.0.1 dev eth0
track_script[] = web
[vrrp_instance.VI_2]
interface = eth0
virtual_router_id = 52
version = 3
priority = 150
auth_hmac_key[] = 1 hex:${"11".repeat(32)}
auth_hmac_active_key = 1
virtual_ipaddress[] = 10.0.1.100/24
[vrrp_sync_group.G]
group[] = VI_1
group[] = VI_2
track_script[] = web
[check.page]
type = http
path = /ok
[virtual_server.web]
address = 10.0.0.100:80
protocol = tcp
lb_algo = wrr
persistence_timeout = 50
check[] = page
[real_server.web.rs1]
address = 10.2.0.1:80
lb_kind = DR
[real_server.web.rs2]
address = 10.2.0.2:80
lb_kind = DR
`;

/** The other node as it should be. */
const B = change(A, [
  ["lb1", "lb2"],
  ["= eth0", "= bond0"],
  ["dev eth0", "dev bond0"],
  [/priority = 150/g, "priority = 100"],
  ["unicast_src_ip = 192.0.2.1", "unicast_src_ip = 192.0.2.2"],
  ["unicast_peer[] = 192.0.2.2", "unicast_peer[] = 192.0.2.1"],
]);

type Change = readonly [what: string | RegExp, to: string];

function change(text: string, changes: readonly Change[]): string {
  return changes.reduce((all, [what, to]) => {
    const changed = all.replace(what, to);
    if (changed === all) throw new Error(`There is no ${what}`);
    return changed;
  }, text);
}

function nodeOf(file: string, text: string): Node {
  const result = readNative({ file, text, ...anotherMachine() });
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join("\n"));
  return { ...result, placeOf: (line) => ({ file, line }) };
}

/** "a.ini:9: error: ..." */
function toldOf(a: string, b: string): readonly string[] {
  const { problems } = judgePair(nodeOf("a.ini", a), nodeOf("b.ini", b));
  return problems.map(
    ({ file, line, severity, message }) => `${file}:${line}: ${severity}: ${message}`,
  );
}

test("the two nodes of a pair that works have nothing to tell", (t) => {
  t.deepEqual(judgePair(nodeOf("a.ini", A), nodeOf("b.ini", B)), {
    problems: [],
    instances: 2,
    services: 1,
  });
});

/** Of the other node, what is told of it, and how bad it is. */
const CASES: readonly (readonly [
  what: string,
  changes: readonly Change[],
  told: readonly RegExp[],
])[] = [
  [
    "another virtual_router_id",
    [["id = 51", "id = 61"]],
    [
      /^a\.ini:9: error: virtual_router_id of \[vrrp_instance\.VI_1\] is 51, and 61 at b\.ini:9: .*MASTER$/,
    ],
  ],
  [
    "another version",
    [["virtual_router_id = 52\nversion = 3", "virtual_router_id = 52\nversion = 2"]],
    [/^a\.ini:23: error: version of \[vrrp_instance\.VI_2\] is 3, and 2 at b\.ini:23: .*MASTER$/],
  ],
  [
    "another interval, of version 2 and of version 3",
    [
      [
        "virtual_router_id = 52\nversion = 3",
        "virtual_router_id = 52\nversion = 3\nadvert_int = 2",
      ],
      ["advert_int = 1", "advert_int = 2"],
    ],
    [
      /^a\.ini:11: error: advert_int of \[vrrp_instance\.VI_1\] is 1, and 2 at b\.ini:11: version 2 rejects/,
      /^a\.ini:20: warning: advert_int of \[vrrp_instance\.VI_2\] is 1, and 2 at b\.ini:24: /,
    ],
  ],
  [
    "another password",
    [
      ["secret-word", "secret-other"],
      ["secret-other", "Secret-word"],
    ],
    [/^a\.ini:13: error: auth_pass of \[vrrp_instance\.VI_1\] is another one at b\.ini:13: /],
  ],
  ["a password that differs where nothing counts", [["secret-word", "secret-world"]], []],
  [
    "no password",
    [["auth_type = PASS\nauth_pass = secret-word\n", ""]],
    [/^a\.ini:13: error: auth_pass of \[vrrp_instance\.VI_1\] is there, and not at b\.ini:7: /],
  ],
  [
    "another key of the same number",
    [["hex:11", "hex:12"]],
    [
      /^a\.ini:26: error: The other node .*key 1, which is another key/,
      /^b\.ini:26: error: The other node .*which is another key/,
    ],
  ],
  [
    "a key of another number",
    [
      ["_key[] = 1 hex", "_key[] = 2 hex"],
      ["active_key = 1", "active_key = 2"],
    ],
    [
      /^a\.ini:26: error: .*auth_hmac_key 1, which it has not/,
      /^b\.ini:26: error: .*auth_hmac_key 2, which it has not/,
    ],
  ],
  [
    "no signature",
    [[/auth_hmac_key.*\nauth_hmac_active_key = 1\n/, ""]],
    [
      /^a\.ini:26: error: .*it reads none that is/,
      /^b\.ini:20: error: .*its auth_hmac_mode is enforce, and they are not signed/,
    ],
  ],
  [
    "a peer that is somebody else",
    [["unicast_peer[] = 192.0.2.1", "unicast_peer[] = 192.0.2.9"]],
    [
      /^b\.ini:15: error: unicast_peer of \[vrrp_instance\.VI_1\] is 192\.0\.2\.9, and the other node speaks from 192\.0\.2\.1 \(a\.ini:14\): /,
    ],
  ],
  [
    "the same source",
    [
      ["unicast_src_ip = 192.0.2.2", "unicast_src_ip = 192.0.2.3"],
      [
        "unicast_src_ip = 192.0.2.3\nunicast_peer[] = 192.0.2.1",
        "unicast_src_ip = 192.0.2.1\nunicast_peer[] = 192.0.2.2",
      ],
    ],
    [
      /^b\.ini:15: error: unicast_peer .* speaks from 192\.0\.2\.1 \(a\.ini:14\)/,
      /^a\.ini:15: error: unicast_peer .* speaks from 192\.0\.2\.1 \(b\.ini:14\)/,
      /^a\.ini:14: error: unicast_src_ip of \[vrrp_instance\.VI_1\] is 192\.0\.2\.1, and at b\.ini:14 too: /,
    ],
  ],
  [
    "adverts to the group",
    [["unicast_src_ip = 192.0.2.2\nunicast_peer[] = 192.0.2.1\n", ""]],
    [
      /^a\.ini:15: error: unicast_peer of \[vrrp_instance\.VI_1\] is to peers, and to the group at b\.ini:7: /,
    ],
  ],
  [
    "another address",
    [
      ["10.0.0.100/24", "10.0.0.109/24"],
      ["address = 10.0.0.100", "address = 10.0.0.109"],
    ],
    [
      /^a\.ini:16: error: virtual_ipaddress 10\.0\.0\.100 of \[vrrp_instance\.VI_1\] is not in .*b\.ini:7\): nobody takes it over$/,
      /^b\.ini:16: error: virtual_ipaddress 10\.0\.0\.109 of \[vrrp_instance\.VI_1\] is not in .*a\.ini:7\)/,
      /^a\.ini:35: error: \[virtual_server\.web\] is tcp 10\.0\.0\.100:80, and .* is not/,
      /^b\.ini:35: error: \[virtual_server\.web\] is tcp 10\.0\.0\.109:80, and .* is not/,
    ],
  ],
  [
    "another prefix, and an address that adverts do not tell",
    [
      ["10.0.0.100/24", "10.0.0.100/25"],
      [
        "virtual_ipaddress[] = 10.0.1.100/24",
        "virtual_ipaddress[] = 10.0.1.100/24\nvirtual_ipaddress_excluded[] = 10.0.1.9/24",
      ],
    ],
    [
      /^a\.ini:16: warning: .*prefix \/24, and \/25 at b\.ini:16/,
      /^b\.ini:28: error: virtual_ipaddress_excluded 10\.0\.1\.9 of \[vrrp_instance\.VI_2\] is not in /,
    ],
  ],
  [
    "an address in another instance",
    [
      ["virtual_ipaddress_excluded[] = 10.0.0.101/24\n", ""],
      ["10.0.1.100/24", "10.0.1.100/24\nvirtual_ipaddress_excluded[] = 10.0.0.101/24"],
    ],
    [
      /^a\.ini:17: error: 10\.0\.0\.101 is held by VI_1 \(virtual_router_id 51, IPv4\), and on the other node by VI_2 \(virtual_router_id 52, IPv4\) \(b\.ini:27\): .*two owners$/,
    ],
  ],
  [
    "another route",
    [["10.9.0.0/16 via", "10.8.0.0/16 via"]],
    [
      /^a\.ini:18: warning: virtual_routes "10\.9\.0\.0\/16/,
      /^b\.ini:18: warning: virtual_routes "10\.8\.0\.0\/16/,
    ],
  ],
  [
    "the same priority",
    [["priority = 100\nadvert_int", "priority = 150\nadvert_int"]],
    [/^a\.ini:10: warning: priority of \[vrrp_instance\.VI_1\] is 150, and at b\.ini:10 too: /],
  ],
  [
    "a priority that no weight gets below",
    [["priority = 100\nadvert_int", "priority = 80\nadvert_int"]],
    [
      /^a\.ini:19: warning: The weights of \[vrrp_instance\.VI_1\] can never cause a failover: with everything down \(script web -60\) its priority is 90, and the other node has 80 \(b\.ini:10\)$/,
    ],
  ],
  [
    "members that lead on different nodes",
    [["priority = 100\nauth_hmac", "priority = 160\nauth_hmac"]],
    [
      /^a\.ini:29: warning: \[vrrp_sync_group\.G\] has VI_1, whose priority is higher on this node, and VI_2, .*b\.ini:24\)/,
    ],
  ],
  [
    "an instance that is missing",
    [
      [/\[vrrp_instance\.VI_2\][^[]*(\[\][^[]*)*(?=\[vrrp_sync)/, ""],
      ["group[] = VI_2\n", ""],
    ],
    [
      /^a\.ini:20: warning: \[vrrp_instance\.VI_2\] \(virtual_router_id 52\) is on this node alone, and not in b\.ini: /,
      /^a\.ini:29: warning: \[vrrp_instance\.VI_1\] is in a sync group of VI_1, VI_2, and in a sync group of VI_1 at b\.ini:\d+: /,
    ],
  ],
  [
    "the same name of the node, and another sync daemon",
    [
      ["router_id = lb2", "router_id = lb1"],
      ["id 7", "id 8"],
    ],
    [
      /^a\.ini:2: warning: router_id is "lb1", and at b\.ini:2 too: /,
      /^a\.ini:3: error: The id of lvs_sync_daemon is 7, and 8 at b\.ini:3: /,
    ],
  ],
  [
    "another scheduler, persistence and check",
    [
      ["lb_algo = wrr", "lb_algo = rr"],
      ["persistence_timeout = 50", "persistence_timeout = 60"],
      ["path = /ok", "path = /"],
    ],
    [
      /^a\.ini:38: warning: lb_algo of \[virtual_server\.web\] is wrr, and rr at b\.ini:38: /,
      /^a\.ini:39: warning: persistence_timeout of \[virtual_server\.web\] is 50 s, and 60 s at b\.ini:39: /,
      /^a\.ini:41: warning: \[real_server\.web\.rs1\] is checked otherwise at b\.ini:41 \(and so are 1 more\): /,
    ],
  ],
  [
    "other real servers",
    [
      ["10.2.0.2:80\nlb_kind = DR", "10.2.0.3:80\nlb_kind = DR"],
      ["lb_kind = DR", "lb_kind = NAT\nweight = 3"],
    ],
    [
      /^a\.ini:43: error: lb_kind of \[real_server\.web\.rs1\] is DR, and NAT at b\.ini:43: /,
      /^a\.ini:41: warning: weight of \[real_server\.web\.rs1\] is 1, and 3 at b\.ini:44: /,
      /^a\.ini:44: warning: Real server 10\.2\.0\.2:80 /,
      /^b\.ini:45: warning: Real server 10\.2\.0\.3:80 /,
    ],
  ],
  [
    "a service that is missing",
    [[/\[check\.page\][\s\S]*/, ""]],
    [
      /^a\.ini:35: error: \[virtual_server\.web\] \(tcp 10\.0\.0\.100:80\) is on this node alone, and not in b\.ini: nobody serves it after a failover$/,
    ],
  ],
];

for (const [what, changes, told] of CASES) {
  test(`the other node has ${what}`, (t) => expectTold(t, toldOf(A, change(B, changes)), told));
}

function expectTold(t: ExecutionContext, lines: readonly string[], told: readonly RegExp[]): void {
  t.is(lines.length, told.length, lines.join("\n"));
  for (const [index, wanted] of told.entries()) t.regex(lines[index] ?? "", wanted);
}

test("a file that was copied to the other node as it is names itself, and is no other node", (t) => {
  const lines = toldOf(A, A);
  t.true(
    lines.some((line) => /error: unicast_src_ip .*each node's own/.test(line)),
    lines.join("\n"),
  );
  const noSource = change(A, [["unicast_src_ip = 192.0.2.1\n", ""]]);
  t.true(
    toldOf(noSource, noSource).some((line) =>
      /error: unicast_peer .* each has to name the other one$/.test(line),
    ),
  );
});
