// `duet ldirectord` in place of ldirectord: what each command says and how it ends, with a daemon and without one.

import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import test from "ava";
import { killQuietly } from "../helpers/duet.ts";
import { enterNewNetwork } from "../helpers/netns.ts";
import { temporaryDirectory } from "../helpers/sockets.ts";

const FILE = `checktimeout = 3
checkinterval = 60
virtual = 127.0.0.1:8080
\treal = 127.0.0.2:80 masq 1
\tservice = http
\tscheduler = rr
\tprotocol = tcp
`;

type End = { readonly code: number; readonly said: string };

test.before(() => {
  enterNewNetwork();
});

let runs = 0;

/** What it leaves in the background holds no pipe of ours, and goes on in its own file. */
function run(directory: string, program: readonly string[], ...args: readonly string[]): End {
  const [command = "", ...first] = program;
  const path = join(directory, `said-${(runs += 1)}`);
  const fd = openSync(path, "w");
  const { status } = spawnSync(command, [...first, ...args], {
    stdio: ["ignore", fd, fd],
    env: { ...process.env, DUET_RUN_DIR: join(directory, "run") },
  });
  closeSync(fd);
  return { code: status ?? -1, said: readFileSync(path, "utf8") };
}

const DUET = [process.execPath, "build/duet/main.js", "ldirectord"];

test.serial("every command ends as ldirectord's", (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, `${basename(directory)}.cf`);
  writeFileSync(file, FILE, { mode: 0o600 });
  const pidFile = `/run/ldirectord.${basename(file)}.pid`;
  t.teardown(() => rmSync(pidFile, { force: true }));
  const both = (...args: readonly string[]): void => {
    const theirs = run(directory, ["ldirectord"], ...args);
    t.deepEqual(run(directory, DUET, ...args), theirs, args.join(" "));
  };
  for (const command of ["status", "stop", "reload", "force-reload", "try-restart"]) {
    both(file, command);
  }
  both("/nonexistent.cf", "start");
  writeFileSync(pidFile, "4000000\n");
  both(file, "status");
  rmSync(pidFile);
  t.is(
    run(directory, DUET, file, "nonsense").code,
    run(directory, ["ldirectord"], file, "nonsense").code,
  );
  writeFileSync(file, `${FILE}\tnonsense = 1\n`);
  const refused = run(directory, DUET, file, "start");
  t.is(refused.code, run(directory, ["ldirectord"], file, "start").code);
  t.regex(refused.said, /:8: Cannot use nonsense in a virtual/);

  writeFileSync(file, FILE);
  t.is(run(directory, DUET, file, "start").code, 0);
  const pid = Number(readFileSync(pidFile, "utf8"));
  t.teardown(() => killQuietly(pid, "SIGKILL"));
  t.deepEqual(run(directory, ["ldirectord"], file, "status"), run(directory, DUET, file, "status"));
  t.is(run(directory, DUET, file, "status").code, 0);
  t.is(run(directory, DUET, file, "start").code, 0);
  t.is(Number(readFileSync(pidFile, "utf8")), pid);
  t.is(run(directory, DUET, file, "reload").code, 0);
  t.is(run(directory, DUET, file, "stop").code, 0);
  t.false(existsSync(pidFile));
  t.is(run(directory, DUET, file, "status").code, 3);
});
