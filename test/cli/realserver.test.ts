import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { readRealServerArgs } from "../../src/cli/realserver-args.ts";

test("readRealServerArgs() gives canonical addresses", (t) => {
  t.deepEqual(
    readRealServerArgs(["dr", "start", "10.0.0.100", "2001:DB8:0::1", "--run-dir", "/r"]),
    {
      ok: true,
      args: {
        mode: "dr",
        action: "start",
        vips: ["10.0.0.100", "2001:db8::1"],
        via: null,
        json: false,
        runDir: "/r",
      },
    },
  );
  for (const line of [
    "nat start --via 10.1.0.1",
    "nat start 10.0.0.100 --via 10.1.0.1",
    "nat stop",
    "tun stop 10.0.0.1",
    "dr status --json",
  ]) {
    t.true(readRealServerArgs(line.split(" ")).ok, line);
  }
});

for (const [line, ...problems] of [
  ["", 'Cannot use mode "": one of dr, tun, nat', 'Cannot do "": one of start, stop, status'],
  [
    "dsr strt 1.2.3 10.0.0.1/32 10.0.0.1 10.0.0.1 224.0.0.1 127.0.0.2 0.0.0.0 fe80::1 ::1 --via x",
    'Cannot use mode "dsr": one of dr, tun, nat',
    'Cannot do "strt": one of start, stop, status',
    'Cannot use VIP "1.2.3": it is no IP address',
    'Cannot use VIP "10.0.0.1/32": write 10.0.0.1, without a prefix length',
    'Cannot use VIP "10.0.0.1" twice',
    'Cannot use VIP "224.0.0.1": it is a multicast address',
    'Cannot use VIP "127.0.0.2": it is a loopback address',
    'Cannot use VIP "0.0.0.0": no machine can have it',
    'Cannot use VIP "fe80::1": it is a link-local address: write a global one',
    'Cannot use VIP "::1": no other machine can reach it',
    'Cannot use --via "x": it is no IP address',
  ],
  ["dr start 2001:db8::1 2001:DB8::1", 'Cannot use VIP "2001:db8::1" twice'],
  ["dr start", "Cannot start dr without a VIP"],
  [
    "dr start 10.0.0.1 --via 10.0.0.2 --json",
    "Cannot use --via with dr: answers do not pass the director",
    "Cannot use --json with start",
  ],
  ["nat start", "Cannot start nat without --via: the director's address in this network"],
  [
    "nat start 2001:db8::1 --via 10.0.0.2",
    'Cannot use VIP "2001:db8::1" with --via 10.0.0.2: an IPv4 and an IPv6 address',
  ],
  ["nat stop --via 10.0.0.2", "Cannot stop a part of nat: name neither VIP nor --via"],
  ["dr status --jsn", "Unknown option '--jsn'"],
] as const) {
  test(`duet realserver ${line}: ${problems.length} problems at once`, (t) => {
    t.deepEqual(readRealServerArgs(line.split(" ").filter((word) => word !== "")), {
      ok: false,
      problems,
    });
  });
}

test("a bad command line is exit 2, with all problems and the usage on stderr", (t) => {
  const args = ["build/duet/main.js", "realserver", "nat", "start", "10.0.0.300"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  t.like({ status, stdout }, { status: 2, stdout: "" });
  t.regex(
    stderr,
    /^duet realserver: .*10\.0\.0\.300.*\nduet realserver: .*--via.*\nUsage: duet realserver /,
  );
});

const UNIT = "conf/duet-realserver.service";
const setups: Readonly<Record<string, string>> = {
  "as shipped": readFileSync("conf/realserver.conf", "utf8"),
  "two addresses by tunnel": 'MODE=tun\nVIPS="10.0.0.100 10.0.0.101"\nOPTIONS=""\n',
  nat: 'MODE=nat\nVIPS=""\nOPTIONS="--via 10.1.0.1"\n',
};

for (const [what, file] of Object.entries(setups)) {
  test(`${UNIT}: its command lines are ones that duet takes, ${what}`, (t) => {
    const unit = readFileSync(UNIT, "utf8");
    for (const [key, action] of [
      ["ExecStart", "start"],
      ["ExecStop", "stop"],
    ] as const) {
      const line = new RegExp(`^${key}=/usr/bin/duet realserver (.*)$`, "m").exec(unit)?.[1] ?? "";
      const read = readRealServerArgs(asSystemd(line, file));
      t.true(read.ok, JSON.stringify(read));
      if (read.ok) t.is(read.args.action, action);
    }
    for (const line of ["Type=oneshot", "RemainAfterExit=yes", "RuntimeDirectoryPreserve=yes"]) {
      t.true(unit.split("\n").includes(line), line);
    }
  });
}

test(`${UNIT} is one that systemd takes`, (t) => {
  const found = spawnSync("systemd-analyze", ["--version"]).error === undefined;
  if (!found) {
    t.pass("there is no systemd-analyze here");
    return;
  }
  const { status, stderr } = verify(t, readFileSync(UNIT, "utf8"));
  t.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  t.not(verify(t, readFileSync(UNIT, "utf8").replace("oneshot", "oneshoot")).stderr, "");
});

/** With the program where the unit looks for it, and no other unit of this machine. */
function verify(t: ExecutionContext, unit: string) {
  const root = mkdtempSync(join(tmpdir(), "duet-unit-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  const folder = join(root, "etc/systemd/system");
  mkdirSync(folder, { recursive: true });
  const program = join(root, "duet");
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(folder, "duet-realserver.service"), unit.replaceAll("/usr/bin/duet", program));
  for (const name of ["sysinit", "basic", "shutdown", "network", "multi-user"]) {
    writeFileSync(join(folder, `${name}.target`), "[Unit]\n");
  }
  return spawnSync(
    "systemd-analyze",
    ["verify", "--man=no", join(folder, "duet-realserver.service")],
    { encoding: "utf8", env: { ...process.env, SYSTEMD_UNIT_PATH: folder } },
  );
}

/** systemd.exec(5), systemd.service(5): $NAME as a word of its own is as many words as its value has. */
function asSystemd(line: string, file: string): readonly string[] {
  const values = new Map(
    [...file.matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  return line.split(" ").flatMap((word) => {
    const value = word.startsWith("$") ? values.get(word.slice(1)) : word;
    return (value ?? "").split(" ").filter((each) => each !== "");
  });
}
