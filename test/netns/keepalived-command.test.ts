// `duet keepalived` in place of keepalived: the command line of its unit, its pid files, and what --config-test says.

import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { killQuietly } from "../helpers/duet.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { temporaryDirectory } from "../helpers/sockets.ts";
import { eventually } from "../helpers/wait.ts";

const PROGRAM = "build/duet/main.js";
const INSTANCE = `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  advert_int 0.1
  version 3
  virtual_ipaddress { 10.9.0.100/24 }
}
`;

test.before(() => {
  enterNewNetwork();
  ip("link add eth0 type veth peer name p0");
  ip("link set eth0 up");
  ip("link set p0 up");
  ip("address add 10.9.0.1/24 dev eth0");
});

function keepalived(...args: readonly string[]): { readonly code: number; readonly err: string } {
  const { status, stderr } = spawnSync("keepalived", args, { encoding: "utf8" });
  return { code: status ?? -1, err: stderr };
}

/** What it leaves in the background holds no pipe of ours. */
function duet(
  environment: NodeJS.ProcessEnv,
  ...args: readonly string[]
): { readonly code: number; readonly err: string } {
  const directory = mkdtempSync(join(tmpdir(), "duet-err-"));
  const err = join(directory, "err");
  const fd = openSync(err, "w");
  try {
    const { status } = spawnSync(process.execPath, [PROGRAM, "keepalived", ...args], {
      stdio: ["ignore", "ignore", fd],
      env: { ...process.env, ...environment },
    });
    return { code: status ?? -1, err: readFileSync(err, "utf8") };
  } finally {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  }
}

test.serial("--config-test ends with the status of keepalived's own", (t) => {
  const directory = temporaryDirectory(t);
  const script = join(directory, "script");
  writeFileSync(script, "#!/bin/sh\n");
  spawnSync("chmod", ["777", script]);
  const tracked = (path: string): string =>
    `vrrp_script chk {\n script ${path}\n}\n${INSTANCE.replace("version 3", "track_script {\n chk\n }").replace("advert_int 0.1", "")}`;
  const files = {
    good: INSTANCE,
    "a keyword that is none": INSTANCE.replace("version 3", "nonsense"),
    "a brace that misses": INSTANCE.replace(/\}\n$/, ""),
    "a script that is not there": tracked("/nonexistent/script"),
    "a script that everybody may write": tracked(script),
  };
  for (const [name, text] of Object.entries(files)) {
    const file = join(directory, "keepalived.conf");
    writeFileSync(file, text);
    const own = duet({}, "-t", "-f", file);
    t.is(own.code, keepalived("-t", "-f", file).code, `${name}\n${own.err}`);
  }
  // keepalived waits with nothing to do.
  writeFileSync(join(directory, "keepalived.conf"), "");
  t.is(duet({}, "-t", "-f", join(directory, "keepalived.conf")).code, 5);
  // keepalived ends with 0 here, and would not start.
  t.is(duet({}, "-t", "-f", "/nonexistent").code, 4);
  t.is(duet({}, "-n", "-f", "/nonexistent").code, keepalived("-n", "-f", "/nonexistent").code);
  const log = join(directory, "log");
  writeFileSync(join(directory, "keepalived.conf"), tracked(script));
  t.deepEqual(duet({}, `--config-test=${log}`, "-f", join(directory, "keepalived.conf")), {
    code: 6,
    err: "",
  });
  t.regex(readFileSync(log, "utf8"), /keepalived\.conf:\d+: warning: Cannot trust /);
});

test.serial(
  "a start ends when the daemon runs, which is known by its pid files until it stops",
  async (t) => {
    const directory = temporaryDirectory(t);
    const at = (name: string): string => join(directory, name);
    writeFileSync(at("keepalived.conf"), INSTANCE);
    const files = ["-p", at("pid"), "-r", at("vrrp"), "-c", at("checkers")];
    const environment = { DUET_RUN_DIR: at("run") };
    const started = duet(environment, "-D", "-x", "-P", "-f", at("keepalived.conf"), ...files);
    const pid = pidIn(t, at("pid"));
    t.teardown(() => killQuietly(pid, "SIGKILL"));
    t.is(started.code, 0, started.err);
    t.is(nameOf(pid), "keepalived");
    await eventually("the pid of the process for VRRP", () => existsSync(at("vrrp")));
    await eventually("its name", () => nameOf(pidIn(t, at("vrrp"))) === "duet-vrrp");
    await eventually("the address", () => ip("-o address show dev eth0").includes("10.9.0.100/24"));
    // The second one finds out, and leaves the files of the first as they are.
    t.is(duet(environment, "-f", at("keepalived.conf"), ...files).code, 1);
    t.is(pidIn(t, at("pid")), pid);
    process.kill(pid, "SIGTERM");
    await eventually("the end", () => !existsSync(`/proc/${pid}`));
    for (const name of ["pid", "vrrp", "checkers"]) t.false(existsSync(at(name)), name);
    t.false(ip("-o address show dev eth0").includes("10.9.0.100/24"));
  },
);

function pidIn(t: ExecutionContext, path: string): number {
  const text = readFileSync(path, "utf8");
  t.regex(text, /^\d+\n$/);
  return Number(text);
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
}
