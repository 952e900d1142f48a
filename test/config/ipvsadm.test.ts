// Lines of ipvsadm as configuration: `ipvsadm -S` and scripts of the kind that set directors up come to the table that they make.

import { readFileSync } from "node:fs";
import test from "ava";
import fc from "fast-check";
import { convertedText } from "../../src/config/convert.ts";
import { writtenIn } from "../../src/config/foreign/front-ends.ts";
import { readScript } from "../../src/config/ipvsadm/shell.ts";
import type { Config, ReadResult } from "../../src/config/model.ts";
import { readNative } from "../../src/config/native.ts";
import { problemLine } from "../../src/config/problem-line.ts";
import { saveText } from "../../src/ipvs/ipvsadm/save-text.ts";
import type { Destination, Service } from "../../src/ipvs/model.ts";

const outside = {
  read: (path: string) => (path === "/etc/services" ? "http 80/tcp www # Web\n" : null),
  find: () => [],
  environment: () => undefined,
  configId: "",
};

function read(text: string): ReadResult {
  const scan = writtenIn("i", text, outside);
  return readNative({ file: "i", text, scan, hostname: "lb1", ownAddresses: new Set() });
}

function told(text: string): readonly string[] {
  const result = read(text);
  return (result.ok ? result.warnings : result.problems).map(problemLine);
}

function configOf(result: ReadResult): Config {
  if (!result.ok) throw new Error(result.problems.map(problemLine).join("\n"));
  return result.config;
}

function asIni(text: string): string {
  const { sections, comments } = writtenIn("i", text, outside);
  return convertedText(sections, comments ?? []);
}

/** The table that a configuration comes to as long as all are UP. */
function tableOf({ virtualServers }: Config): readonly Service[] {
  return virtualServers.map(
    ({ keys: [key], scheduler, flags, persistence, realServers, persistenceEngine }) => ({
      key: key ?? { kind: "fwmark", fwmark: 0, family: 4 },
      scheduler,
      persistence: persistence && {
        timeoutS: persistence.timeoutS,
        prefixLength: persistence.prefixLength ?? 32,
        ...(persistence.mask !== undefined && { mask: persistence.mask }),
      },
      ...(flags.length > 0 && { flags: [...flags].sort() }),
      ...(persistenceEngine !== null && { persistenceEngine }),
      destinations: realServers.map(({ destination }) => destination),
    }),
  );
}

const numeric = { hostOf: () => undefined, serviceOf: () => undefined };

const port = fc.integer({ min: 1, max: 65535 });
const destination: fc.Arbitrary<Omit<Destination, "address">> = fc.oneof(
  fc.record({ port, forward: fc.constant("NAT" as const), weight: fc.nat(65535) }),
  fc.record({ port: fc.constant(80), forward: fc.constantFrom("DR", "TUN"), weight: fc.nat(9) }),
  fc.record({
    port: fc.constant(80),
    forward: fc.constant("NAT" as const),
    weight: fc.constant(1),
    upperThreshold: fc.integer({ min: 50, max: 99 }),
    lowerThreshold: fc.integer({ min: 1, max: 49 }),
  }),
);
const service = fc.record({
  isMark: fc.boolean(),
  family: fc.constantFrom(4 as const, 6 as const),
  protocol: fc.constantFrom("tcp", "udp", "sctp"),
  scheduler: fc.constantFrom("rr", "wlc", "lblcr"),
  persistence: fc.option(
    fc.record({
      timeoutS: fc.integer({ min: 1, max: 86_400 }),
      prefixLength: fc.integer({ min: 1, max: 32 }),
    }),
  ),
  destinations: fc.array(destination, { maxLength: 4 }),
});

test("what ipvsadm saves of any table is read as that table, and so is the INI of it", (t) => {
  fc.assert(
    fc.property(fc.array(service, { minLength: 1, maxLength: 5 }), (drafts) => {
      const table = drafts.map(
        ({ isMark, family, protocol, destinations, ...facts }, i): Service => {
          const net = family === 4 ? "10.0.0." : "2001:db8::";
          return {
            ...facts,
            key: isMark
              ? { kind: "fwmark", fwmark: i + 1, family }
              : { kind: "address", protocol, address: `${net}${i + 1}`, port: 80 },
            destinations: destinations.map((each, k) => ({ ...each, address: `${net}${k + 20}` })),
          };
        },
      );
      const listed = table.map((each) => ({
        ...each,
        destinations: each.destinations.map((one) => ({
          ...one,
          activeConnections: 0,
          inactiveConnections: 0,
          persistentConnections: 0,
        })),
      }));
      const text = saveText(listed, numeric);
      const config = configOf(read(text));
      const order = (one: Service): string => JSON.stringify(one.key);
      const sorted = (all: readonly Service[]): readonly Service[] =>
        [...all].sort((a, b) => (order(a) < order(b) ? -1 : 1));
      t.deepEqual(sorted(tableOf(config)), sorted(table));
      t.deepEqual(configOf(read(asIni(text))), config);
    }),
    { numRuns: 60 },
  );
});

test("a script makes the table that it makes when it is run", (t) => {
  const text = readFileSync("test/ipvsadm/director.sh", "utf8");
  const config = configOf(read(text));
  const shown = tableOf(config).map(({ key, scheduler, persistence, destinations }) => [
    key.kind === "fwmark" ? key.fwmark : `${key.protocol} ${key.address}:${key.port}`,
    scheduler,
    persistence?.timeoutS,
    ...destinations.map((one) => `${one.address}:${one.port} ${one.forward} ${one.weight}`),
  ]);
  t.deepEqual(shown, [
    ["tcp 10.9.0.50:80", "wrr", 50, "10.9.0.60:80 DR 2", "10.9.0.61:80 DR 2"],
    [99, "rr", 360, "10.9.0.60:0 DR 1", "10.9.0.61:0 DR 3"],
    ["udp 10.9.0.50:53", "wlc", undefined, "10.9.0.62:5353 NAT 1"],
    ["tcp 10.9.0.51:25", "sh", undefined, "10.9.0.63:25 TUN 5"],
  ]);
  t.true(config.lvs.flush);
  t.deepEqual(told(text), [
    'i:24: warning: "$IPVSADM -a -u $VIP:53 -r 10.9.0.62:5353 -m 2>/dev/null" was never in force: Destination already exists',
  ]);
  const ini = asIni(text);
  t.regex(ini, /^# The shop\n\[virtual_server\./m);
  t.deepEqual(configOf(read(ini)), config);
  t.deepEqual(told(ini), []);
});

for (const [what, text, problem] of [
  [
    "a variable without a value",
    "ipvsadm -A -t $VIP:80",
    'i:1: Cannot use "ipvsadm -A -t $VIP:80": nothing here says what $VIP is',
  ],
  [
    "what a command would tell",
    "V=$(hostname -i)\nipvsadm -A -t $V:80",
    'i:2: Cannot use "ipvsadm -A -t $V:80": nothing here says what $V is',
  ],
  [
    "an option of nobody",
    "-A -t 10.0.0.1:80 -q",
    'i:1: Cannot use "-A -t 10.0.0.1:80 -q": -q is no option of ipvsadm (duet ipvs -h)',
  ],
  [
    "DPVS's full NAT",
    "-a -t 10.0.0.1:80 -r 10.0.0.2 -b",
    'i:1: Cannot use "-a -t 10.0.0.1:80 -r 10.0.0.2 -b": -b is an option of DPVS (full NAT), which the kernel\'s IPVS does not have',
  ],
  [
    "another one of DPVS",
    "ipvsadm -P -z 10.0.0.3 -t 10.0.0.1:80 -F eth0",
    'i:1: Cannot use "ipvsadm -P -z 10.0.0.3 -t 10.0.0.1:80 -F eth0": -P is an option of DPVS (adding an address that full NAT sends from), which the kernel\'s IPVS does not have',
  ],
  [
    "a word too many",
    "-A -t 10.0.0.1:80 rr",
    'i:1: Cannot use "-A -t 10.0.0.1:80 rr": unexpected argument rr',
  ],
  [
    "no service above it",
    "-a -t 10.0.0.1:80 -r 10.0.0.2",
    'i:1: warning: "-a -t 10.0.0.1:80 -r 10.0.0.2" was never in force: Service not defined',
  ],
  [
    "a quote without an end",
    "V='1\nipvsadm -C",
    "i:1: Cannot read this line: its ' is never closed",
  ],
  [
    "a loop without an end",
    "while :; do ipvsadm -C; done",
    "i:1: Cannot follow this loop: how often it runs is not known",
  ],
  [
    "forwarding",
    "echo 1 > /proc/sys/net/ipv4/ip_forward\nipvsadm -C",
    'i:1: note: "echo 1 > /proc/sys/net/ipv4/ip_forward" is not carried over: duet sets it while a virtual server with lb_kind = NAT is there (lvs_ip_forward)',
  ],
  [
    "an address",
    "ip addr add 10.0.0.1/32 dev eth0\nipvsadm -C",
    'i:1: warning: "ip addr add 10.0.0.1/32 dev eth0" is not carried over: an address moves between directors as virtual_ipaddress[] of a [vrrp_instance]; one that stays is static_ipaddress[] of [global]',
  ],
  [
    "any other line",
    "frobnicate x\nipvsadm -C",
    'i:1: note: "frobnicate x" is not carried over: duet runs no lines of a script',
  ],
  [
    "a condition",
    "if x; then ipvsadm -C; else ipvsadm -A -t 1.2.3.4:5; fi",
    "i:1: warning: The condition of this if is not asked: what stands behind its then is carried over",
  ],
  [
    "one sync daemon",
    "--start-daemon master --mcast-interface eth1 --syncid 3",
    "i:1: warning: lvs_sync_daemon eth1 id 3 runs both daemons, master and backup, as long as no instance of VRRP decides: write its name behind the interface",
  ],
  [
    "a file to be restored",
    "ipvsadm-restore < /etc/x\nipvsadm -C",
    'i:1: warning: "ipvsadm-restore < /etc/x" is not carried over: what it reads is a configuration of its own (duet convert FILE)',
  ],
] as const) {
  test(`${what} is told with its line`, (t) => {
    t.true(told(text).includes(problem), told(text).join("\n"));
  });
}

test("all problems are told at once, and names of hosts and ports stay for the look-up", (t) => {
  t.is(
    told("-A -t 10.0.0.1:80 -q\n-A -t :80\n-A -t 10.0.0.2:80 -w 1\n").filter(
      (one) => !one.includes("nothing is"),
    ).length,
    3,
  );
  t.regex(asIni("-A -t web.example.com:http -s wlc\n"), /^address = web\.example\.com:80$/m);
});

for (const [what, text, commands] of [
  [
    "a loop in a loop",
    "for a in 1 2; do for b in x y; do c $a$b; done; done",
    ["c 1x", "c 1y", "c 2x", "c 2y"],
  ],
  ["a function in a function", "f() { c $v; }\ng() {\n f\n}\nv=1; g; v=2; g", ["c 1", "c 2"]],
  ["what is for a failure", "a || exit 1; b && c", ["a", "b", "c"]],
  ["quotes", `c "a  b" 'c$d' e\\ f`, ["c a  b|c$d|e f"]],
  ["a line that goes on", "c a \\\n b", ["c a|b"]],
  ["a comment in a line", "c a#b # c", ["c a#b"]],
  [
    "the branch for start",
    "case $1 in\nstop) a;;\nstart|restart) b;;\n*) c;;\nesac\nd",
    ["b", "d"],
  ],
  ["a function that calls itself", "f() { f; }\nf", []],
] as const) {
  test(`a script is followed: ${what}`, (t) => {
    const found = readScript(text).commands.map(({ words: [name, ...more] }) =>
      `${name} ${more.join("|")}`.trim(),
    );
    t.deepEqual(found, [...commands]);
  });
}

test("no text makes the reader of scripts crash or hang", (t) => {
  const piece = fc.constantFrom(
    "for a in 1 2 3", "do", "done", "if", "then", "else", "fi", "case $1 in", "start)", ";;", "esac", "f()", "{", "}", "f", "(", ")", ";",
    "\n", "&&", "||", "|", "<<E", "E", ">", "$a", "${a}", "$(", "`", '"', "'", "\\", "#", "a=$a$a", "ipvsadm", "-A", "-t", "10.0.0.1:80", "while", "!",
  ); // biome-ignore format: a list of words
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      t.notThrows(() => told(pieces.join(" ")));
    }),
    { numRuns: 2000 },
  );
});
