// Checks by BFD sessions: which session is meant.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { needsVrrp, vrrpPart } from "../../src/daemon/process/needs-vrrp.ts";
import { configOf, linesOf } from "./helpers.ts";

const text = (check: string, sessions: string): string => `[check.c]
type = bfd
${check}
[virtual_server.web]
address = 10.0.0.100:80
protocol = tcp
retry = 3
check[] = c
[real_server.web.rs1]
address = 10.0.0.21:80
[real_server.web.rs2]
address = 10.0.0.22:80
${sessions}`;

const SESSIONS = `[bfd_instance.one]
neighbor_ip = 10.0.0.21
[bfd_instance.two]
neighbor_ip = 10.0.0.22
`;

function sessionsIn(written: string): readonly unknown[] {
  const { realServers } = configOf(written).virtualServers[0] ?? { realServers: [] };
  return realServers.flatMap(({ checks }) =>
    checks.map((check) => [check.type === "bfd" && check.session, check.retry]),
  );
}

for (const [name, check, wanted] of [
  [
    "by the address of the real server",
    "",
    [
      ["one", 0],
      ["two", 0],
    ],
  ],
  [
    "by its name",
    "session = two",
    [
      ["two", 0],
      ["two", 0],
    ],
  ],
  [
    "with a retry of its own",
    "retry = 2",
    [
      ["one", 2],
      ["two", 2],
    ],
  ],
] as const) {
  test(`a session is found ${name}, and printed as it was`, (t) => {
    const written = text(check, SESSIONS);
    t.deepEqual(sessionsIn(written), wanted);
    t.deepEqual(configOf(printConfig(configOf(written))), configOf(written));
  });
}

test("a check by a session needs the vrrp role, which holds it", (t) => {
  t.true(needsVrrp(configOf(text("", SESSIONS))));
  t.false(needsVrrp(configOf(text("", SESSIONS).replace("check[] = c\n", ""))));
});

test("the vrrp role is told of the virtual servers whose checks are its sessions, of no other", (t) => {
  const plain = "[virtual_server.other]\naddress = 10.0.0.101:80\nprotocol = tcp\n";
  const config = configOf(text("", `${SESSIONS}${plain}`));
  const part = vrrpPart(config);
  t.deepEqual(
    part.virtualServers.map(({ name }) => name),
    ["web"],
  );
  t.deepEqual({ ...part, virtualServers: [] }, { ...config, virtualServers: [] });
});

for (const [name, check, sessions, problems] of [
  [
    "none has the address",
    "",
    "[bfd_instance.one]\nneighbor_ip = 10.0.0.21\n",
    [
      '8: Cannot use check "c" for [real_server.web.rs2]: no [bfd_instance.*] has neighbor_ip = 10.0.0.22',
    ],
  ],
  [
    "several have the address",
    "",
    `${SESSIONS}[bfd_instance.far]\nneighbor_ip = 10.0.0.22\nmultihop = yes\n`,
    [
      '8: Cannot use check "c" for [real_server.web.rs2]: [bfd_instance.two] and [bfd_instance.far] have neighbor_ip = 10.0.0.22, so say session = two',
    ],
  ],
  [
    "there is no such session",
    "session = onne",
    SESSIONS,
    [
      '3: Cannot use session "onne": there is no [bfd_instance.onne] (did you mean "one"?)',
      "13: warning: Cannot make use of [bfd_instance.one]: nothing tracks it",
      "15: warning: Cannot make use of [bfd_instance.two]: nothing tracks it",
    ],
  ],
  ["it has a port", "port = 80", SESSIONS, ["3: Cannot use port with type bfd: it asks no server"]],
] as const) {
  test(`a check by a session is refused when ${name}`, (t) => {
    t.deepEqual(linesOf(text(check, sessions)), problems);
  });
}
