import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "ava";
import { keysOf, SECTION_NAMES } from "../../src/config/keys.ts";

const dir = mkdtempSync(join(tmpdir(), "duet-check-"));
test.after.always(() => rmSync(dir, { recursive: true }));

/** One command of the built program, without main.ts: that loads the daemon's commands too. */
function run(
  command: "check" | "help",
  ...args: readonly string[]
): { readonly code: number | null; readonly out: string; readonly error: string } {
  const name = command === "check" ? "runCheck" : "runHelp";
  const code = `import { ${name} } from "./build/src/cli/${command}.js"; process.exitCode = await ${name}(process.argv.slice(1));`;
  const result = spawnSync(process.execPath, ["--input-type=module", "-e", code, "--", ...args], {
    encoding: "utf8",
    timeout: 120_000,
  });
  return { code: result.status, out: result.stdout, error: result.stderr };
}

function fileWith(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

/** One that this machine has: of any other there would be a warning. */
const DEVICE = readdirSync("/sys/class/net").find((name) => name !== "lo") ?? "eth0";

function minimalHere(): string {
  const text = readFileSync("conf/minimal.ini", "utf8").replaceAll("eth0", DEVICE);
  return fileWith("minimal.ini", text);
}

const BAD = `[vrrp_instance.A]\ninterface = ${DEVICE}\nvirtual_router_id = 1\npriority = 300\nvirtual_ipaddress[] = 10.0.0.1/24\nnotify = /no/such/script\n`;

test("duet check sums up a valid file in one line and exits 0", (t) => {
  const out = "OK: 1 instance, 0 services, 0 problems\n";
  t.deepEqual(run("check", minimalHere()), { code: 0, out, error: "" });
});

test("duet check prints every problem as FILE:LINE: message and exits 1", (t) => {
  const file = fileWith("bad.ini", BAD);
  const { code, out } = run("check", file);
  t.is(code, 1);
  t.is(
    out,
    `${file}:4: Cannot use priority 300: it must be 1 to 254 (255 is for the address owner)\n` +
      `${file}:6: warning: Cannot run "/no/such/script": it does not exist\n` +
      "INVALID: 1 error, 1 warning\n",
  );
});

test("duet check exits 0 when there are only warnings", (t) => {
  const file = fileWith("warning.ini", BAD.replace("300", "30"));
  const { code, out } = run("check", file);
  t.is(code, 0);
  t.is(
    out,
    `${file}:6: warning: Cannot run "/no/such/script": it does not exist\nOK: 1 instance, 0 services, 1 warning\n`,
  );
});

test("duet check looks for a script where a run without PATH does", (t) => {
  const file = fileWith(
    "named.ini",
    BAD.replace("300", "30").replace("/no/such/script", "only-here"),
  );
  // As init scripts and containers may start it. The folder is of a mount namespace of its own.
  const inside = `mount -t tmpfs only-here /usr/local/bin && cp /bin/true /usr/local/bin/only-here && unset PATH && exec "$0" "$@"`;
  const there = (code: string): SpawnSyncReturns<string> => {
    const args = ["--mount", "sh", "-c", inside, process.execPath, "--input-type=module", "-e"];
    return spawnSync("unshare", [...args, code, file], { encoding: "utf8", timeout: 120_000 });
  };
  const check = there(
    `import { runCheck } from "./build/src/cli/check.js"; process.exitCode = await runCheck(process.argv.slice(1));`,
  );
  const said = "OK: 1 instance, 0 services, 0 problems\n";
  t.deepEqual([check.stdout, check.stderr, check.status], [said, "", 0]);
  const run = there(
    `import { runScript } from "./build/src/kernel/process.js"; console.log((await runScript({ command: "only-here", extraArguments: [], environment: {}, identity: null, timeoutMs: 60_000, outputMaxBytes: 1 })).ok);`,
  );
  t.deepEqual([run.stdout, run.stderr], ["true\n", ""]);
});

test("duet check --json tells the same as JSON", (t) => {
  const file = fileWith("bad2.ini", BAD);
  const { code, out } = run("check", "--json", file);
  t.is(code, 1);
  t.deepEqual(JSON.parse(out), {
    valid: false,
    instances: null,
    services: null,
    errors: 1,
    warnings: 1,
    notes: 0,
    problems: [
      {
        file,
        line: 4,
        severity: "error",
        message: "Cannot use priority 300: it must be 1 to 254 (255 is for the address owner)",
      },
      {
        file,
        line: 6,
        severity: "warning",
        message: 'Cannot run "/no/such/script": it does not exist',
      },
    ],
  });
  const valid = run("check", minimalHere(), "--json");
  const counts = { instances: 1, services: 0, errors: 0, warnings: 0, notes: 0 };
  t.deepEqual([valid.code, JSON.parse(valid.out)], [0, { valid: true, ...counts, problems: [] }]);
});

test("duet check --sarif tells the same to editors and CI (SARIF 2.1.0)", (t) => {
  const file = fileWith("bad 3.ini", BAD);
  const { code, out } = run("check", file, "--sarif");
  t.is(code, 1);
  const { version, runs } = JSON.parse(out) as {
    version: string;
    runs: readonly { tool: { driver: { name: string } }; results: readonly unknown[] }[];
  };
  t.is(version, "2.1.0");
  t.like(runs[0]?.tool, { driver: { name: "duet check" } });
  const at = (startLine: number) => [
    {
      physicalLocation: {
        artifactLocation: { uri: pathToFileURL(file).href },
        region: { startLine },
      },
    },
  ];
  t.deepEqual(runs[0]?.results, [
    {
      ruleId: "error",
      ruleIndex: 0,
      level: "error",
      message: {
        text: "Cannot use priority 300: it must be 1 to 254 (255 is for the address owner)",
      },
      locations: at(4),
    },
    {
      ruleId: "warning",
      ruleIndex: 1,
      level: "warning",
      message: { text: 'Cannot run "/no/such/script": it does not exist' },
      locations: at(6),
    },
  ]);
  t.like(JSON.parse(run("check", minimalHere(), "--sarif").out), { runs: [{ results: [] }] });
});

/** Nothing of it is on this machine. */
const ELSEWHERE = `[global]
script_user = nobody-here
maintenance_dir = /no/such/directory
[vrrp_instance.A]
interface = no-such-device
virtual_router_id = 1
priority = 255
virtual_ipaddress[] = 10.0.0.100 dev not-here
auth_hmac_key[] = 1 file:/no/such/key
auth_hmac_active_key = 1
notify = /no/such/script
[check.c]
type = https
path = /
ca = /no/such/ca.pem
address = one.invalid
[virtual_server.web]
address = 10.0.0.100:80
protocol = tcp
check[] = c
[real_server.web.rs1]
address = one.invalid:http
[real_server.web.rs2]
address = two.invalid:80
[real_server.web.rs3]
address = two.invalid:80
`;

test("duet check --elsewhere asks nothing of this machine, and tells what is wrong all the same", (t) => {
  const file = fileWith("elsewhere.ini", ELSEWHERE);
  const here = run("check", file);
  t.is(here.code, 1);
  for (const what of ["nobody-here", "/no/such/key", "/no/such/ca.pem", "one.invalid"]) {
    t.true(here.out.includes(what), what);
  }
  const there = run("check", file, "--elsewhere");
  t.deepEqual(there, {
    code: 1,
    out: `${file}:26: Cannot use address two.invalid twice: [real_server.web.rs2] (line 24) has it already\nINVALID: 1 error\n`,
    error: "",
  });
  const right = fileWith("elsewhere-2.ini", ELSEWHERE.replace(/two(.invalid:80\n)$/, "three$1"));
  const out = "OK: 1 instance, 1 service, 0 problems\n";
  t.deepEqual(run("check", right, "--elsewhere"), { code: 0, out, error: "" });
  t.regex(run("check", right, "--elsewhere", "--print").out, /^address = one\.invalid:80$/m);
});

test("duet check looks names up, says so, and prints addresses", (t) => {
  const text = `[check.c]
type = tcp
address = localhost
[virtual_server.web]
address = 10.0.0.100:http
protocol = tcp
check[] = c
[real_server.web.rs1]
address = 10.0.0.21:http
`;
  const file = fileWith("names.ini", text);
  const { code, out, error } = run("check", "--print", file);
  t.is(code, 0, error);
  t.regex(error, /names.ini:3: warning: localhost is (127\.0\.0\.1|::1) now/);
  t.true(error.includes(`${file}:9: warning: 10.0.0.21:http is 10.0.0.21:80 now`), error);
  t.regex(out, /^address = (127\.0\.0\.1|::1)$/m);
  t.regex(out, /^address = 10\.0\.0\.21:80$/m);
  const bad = fileWith("no-name.ini", text.replace("localhost", "no-such-host.invalid"));
  const refused = run("check", bad);
  t.is(refused.code, 1);
  t.true(
    refused.out.includes(`${bad}:3: Cannot use address "no-such-host.invalid": no-such-host`),
    refused.out,
  );
});

test("duet check exits 2 for a file that cannot be read", (t) => {
  const file = join(dir, "none.ini");
  t.deepEqual(run("check", file), {
    code: 2,
    out: "",
    error: `${file}: Cannot read this file: it does not exist\n`,
  });
  const json = run("check", file, "--json");
  t.is(json.code, 2);
  t.like(JSON.parse(json.out), { valid: false });
});

test("duet check exits 2 without a file, with three files, and with an unknown option", (t) => {
  for (const args of [[], ["a", "b", "c"], ["a", "b", "--print"], ["a", "--jsno"]]) {
    const { code, out, error } = run("check", ...args);
    t.deepEqual([code, out], [2, ""]);
    t.regex(
      error,
      /^duet check: .*\nUsage: duet check FILE \[FILE_OF_THE_OTHER_NODE\] \[-i NODE\] \[--format .*\] \[-i OTHER_NODE\] \[--elsewhere\] \[.*\]\n$/,
    );
  }
});

test("duet check -i NODE reads a keepalived.conf as that node does, and --format as what it is said to be", (t) => {
  const text = `@lb1 vrrp_instance A {\n@lb2 vrrp_instance B {\ninterface ${DEVICE}\nvirtual_router_id 1\npriority 7\nvirtual_ipaddress {\n10.0.0.1/24\n}\n}\n`;
  const file = fileWith("nodes.conf", text);
  for (const [node, name] of [
    ["lb1", "A"],
    ["lb2", "B"],
  ] as const) {
    const { code, out } = run("check", file, "-i", node, "--print");
    t.is(code, 0);
    t.regex(out, new RegExp(`^\\[vrrp_instance\\.${name}\\]$`, "m"));
  }
  t.regex(run("check", file, "--format", "ini").out, /:1: Cannot read "@lb1 vrrp_instance A \{"/);
  t.like(run("check", file, "--format", "in"), { code: 2 });
  t.regex(
    run("check", file, "--config-id", "a b").error,
    /^duet check: Cannot use --config-id "a b"/,
  );
});

/** A node of a pair as two programs write it; nothing of it is on this machine. */
const PAIR_A = `[vrrp_instance.VI_1]
interface = no-such-device
virtual_router_id = 51
priority = 150
unicast_src_ip = 192.0.2.1
unicast_peer[] = 192.0.2.2
virtual_ipaddress[] = 10.0.0.100/24
[virtual_server.web]
address = 10.0.0.100:80
protocol = tcp
lb_algo = wrr
lb_kind = DR
[real_server.web.rs1]
address = one.invalid:80
`;
const PAIR_B = `vrrp_instance VI_1 {
    interface bond7
    virtual_router_id 51
    priority 100
    unicast_src_ip 192.0.2.2
    unicast_peer {
        192.0.2.1
    }
    virtual_ipaddress {
        10.0.0.100/24
    }
}
virtual_server 10.0.0.100 80 {
    protocol TCP
    lb_algo wrr
    lb_kind DR
    real_server one.invalid 80 {
    }
}
`;

test("duet check FILE -i A -i B compares the nodes of one file that serves both", (t) => {
  const text = `vrrp_instance VI_1 {
    interface no-such-device
    @lb1 virtual_router_id 51
    @lb2 virtual_router_id 52
    priority 100
    weigth 7
    virtual_ipaddress {
        10.0.0.100/24
    }
}
`;
  const file = fileWith("both.conf", text);
  const { code, out } = run("check", file, "-i", "lb1", "-i", "lb2");
  t.is(code, 1, out);
  t.true(
    out.includes(
      `${file}:3: virtual_router_id of [vrrp_instance.VI_1] is 51, and 52 at ${file}:4: `,
    ),
    out,
  );
  t.is(out.match(/"weigth" was never in force/g)?.length, 1);
  t.is(run("check", file, "-i", "lb1", "-i", "lb2", "-i", "lb3").code, 2);
});

test("duet check A B compares the nodes of a pair, whatever their formats", (t) => {
  const a = fileWith("a.ini", PAIR_A);
  const b = fileWith("b.conf", PAIR_B);
  const right = run("check", a, b);
  t.deepEqual([right.code, right.error], [0, ""], right.out);
  t.regex(right.out, /^OK: 1 instance, 1 service, .*\n$/m);
  const wrong = fileWith(
    "b2.conf",
    PAIR_B.replace("_id 51", "_id 52").replace("priority 100", "priority 150"),
  );
  const { code, out } = run("check", a, wrong);
  t.is(code, 1);
  const lines = out.trim().split("\n");
  t.true(
    lines.includes(
      `${a}:3: virtual_router_id of [vrrp_instance.VI_1] is 51, and 52 at ${wrong}:3: a virtual router has one number, each is deaf to the other, so both are MASTER`,
    ),
    out,
  );
  t.true(
    lines.some((line) => line.startsWith(`${a}:4: warning: priority of `)),
    out,
  );
  t.regex(lines.at(-1) ?? "", /^INVALID: 1 error, \d+ warnings?/);
  const json = JSON.parse(run("check", a, wrong, "--json").out) as {
    readonly problems: readonly { readonly line: number; readonly other?: unknown }[];
  };
  t.deepEqual(json.problems.find(({ other }) => other !== undefined)?.other, {
    file: wrong,
    line: 3,
  });
  t.regex(run("check", a, wrong, "--sarif").out, /"relatedLocations": \[/);
  t.is(run("check", a, join(dir, "none.conf")).code, 2);
});

/** Ten times as many: 10 when it is linear, 100 when it is quadratic. */
const GROWTH_MAX = 30;

test("duet check judges 10 000 real servers in the time that ten times 1000 take", (t) => {
  const files = [1000, 10_000].map((count) => {
    const servers = Array.from(
      { length: count },
      (_, i) =>
        `[real_server.web.rs${i}]\naddress = 10.1.${i >> 8}.${i & 255}:80\nweight = ${1 + (i % 9)}\n`,
    );
    return fileWith(
      `large-${count}.ini`,
      `[check.c]\ntype = http\npath = /ok\n[virtual_server.web]\naddress = 10.0.0.100:80\nprotocol = tcp\ncheck[] = c\n${servers.join("")}`,
    );
  });
  // Each its processor time, in one process: whatever slows it down, slows both down. The first one warms up.
  const code = `
    import { runCheck } from "./build/src/cli/check.js";
    const [few, many] = ${JSON.stringify(files)};
    const took = async (file) => {
      const { user, system } = process.cpuUsage();
      const code = await runCheck([file]);
      if (code !== 0) throw new Error("exit status " + code);
      const now = process.cpuUsage();
      return now.user + now.system - user - system;
    };
    await took(few);
    const least = async (file) => Math.min(await took(file), await took(file), await took(file));
    console.log(await least(few) / 1000, await least(many) / 1000);`;
  const result = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    encoding: "utf8",
  });
  const [fewMs = NaN, manyMs = NaN] = (result.stdout.trim().split("\n").at(-1) ?? "")
    .split(" ")
    .map(Number);
  t.log(`${fewMs} ms, ${manyMs} ms`);
  t.true(manyMs / fewMs < GROWTH_MAX, result.stdout + result.stderr);
});

test("duet help lists every command and every section", (t) => {
  const { code, out } = run("help");
  t.is(code, 0);
  for (const command of [
    "run",
    "check",
    "status",
    "reload",
    "stop",
    "release",
    "version",
    "help",
  ]) {
    t.regex(out, new RegExp(`^ {2}duet ${command}\\b`, "m"));
  }
  for (const section of SECTION_NAMES) t.true(out.includes(`[${section}`), section);
});

test("duet help KEY prints the reference of the key, by any of its spellings", (t) => {
  const { code, out } = run("help", "lvs_sched");
  t.is(code, 0);
  t.regex(out, /^\[virtual_server\.NAME\] lb_algo\n/);
  t.regex(out, /default {3}wlc\n/);
  t.regex(out, /rr \| wrr/);
  t.is(run("help", "virtual_server.lb_algo").out, run("help", "lb_algo").out);
});

test("duet help WORD of another format says what it is here, or why it has no effect", (t) => {
  const said: readonly (readonly [word: string, says: RegExp])[] = [
    [
      "delay_loop",
      /^ {2}keepalived\.conf, virtual_server: it is interval of \[virtual_server\.NAME\]$/m,
    ],
    ["nb_get_retry", /^ {2}keepalived\.conf, HTTP_GET, SSL_GET: it is retry$/m],
    ["snmp_socket", /global_defs: it has no effect here: duet has no SNMP agent/],
    ["checktype", /it is type of a \[check\.NAME\]/],
    ["quiescent", /it is inhibit_on_failure/],
    [
      "supervised",
      /^ {2}ldirectord\.cf: it has no effect here: duet run stays in the foreground$/m,
    ],
  ];
  for (const [word, says] of said) t.regex(run("help", word).out, says);
  t.notRegex(run("help", "lb_algo").out, /a word of keepalived/);
});

test("duet help SECTION prints all its keys", (t) => {
  const { out } = run("help", "vrrp_instance");
  for (const key of Object.keys(keysOf("vrrp_instance")))
    t.regex(out, new RegExp(`^ {2}${key}\\b`, "m"));
});

test("duet help of an unknown word exits 2 with the nearest one", (t) => {
  const { code, out, error } = run("help", "priorty");
  t.deepEqual([code, out], [2, ""]);
  t.is(
    error,
    'duet help: Cannot find "priorty": no command, section, key, type of check or cause has this name (did you mean "priority"?)\n',
  );
});
