// Real FIFOs, and readers as operators write them.

import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type FifoConfig, openFifos } from "../../src/desk/fifos.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { until } from "../helpers/until.ts";

type Place = {
  readonly dir: string;
  readonly config: FifoConfig;
  readonly fifos: ReturnType<typeof openFifos>;
  readonly logged: readonly Record<string, unknown>[];
  readonly script: (name: string, lines: string) => string;
  readonly text: (name: string) => string;
};

function place(t: ExecutionContext): Place {
  const dir = mkdtempSync(join(tmpdir(), "duet-fifo-"));
  const { log, lines: logged } = memoryLog();
  const fifos = openFifos({ clock: timeoutClock, log });
  t.teardown(async () => {
    await fifos.close(300);
    rmSync(dir, { recursive: true, force: true });
  });
  const config: FifoConfig = {
    about: "all",
    path: join(dir, "f"),
    owner: null,
    script: null,
    scriptUser: null,
    scriptSecurity: true,
  };
  return {
    dir,
    config,
    fifos,
    logged,
    script(name, lines) {
      writeFileSync(join(dir, name), `#!/bin/bash\n${lines}\n`);
      chmodSync(join(dir, name), 0o755);
      return join(dir, name);
    },
    text: (name) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), "utf8") : ""),
  };
}

function vrrp(line: string): { readonly about: "vrrp"; readonly line: string } {
  return { about: "vrrp", line };
}

test("the FIFO is made, for its owner only, and keeps lines until somebody reads them", async (t) => {
  const { fifos, config } = place(t);
  fifos.configure([config]);
  t.true(statSync(config.path).isFIFO());
  t.is(statSync(config.path).mode & 0o777, 0o600);
  fifos.tell(vrrp('INSTANCE "VI_1" MASTER 150\n'));
  fifos.tell({ about: "lvs", line: "VS [10.0.0.1]:tcp:80 UP\n" });
  const reader = spawn("head", ["-n", "2", config.path], { stdio: ["ignore", "pipe", "inherit"] });
  let read = "";
  reader.stdout.on("data", (bytes: Buffer) => (read += bytes.toString("latin1")));
  await until("both lines", () => read.split("\n").length === 3);
  t.is(read, 'INSTANCE "VI_1" MASTER 150\nVS [10.0.0.1]:tcp:80 UP\n');
});

test("a FIFO of one kind gets nothing of the other", async (t) => {
  const { fifos, config, dir } = place(t);
  const other = { ...config, about: "lvs", path: join(dir, "lvs") } as const;
  fifos.configure([{ ...config, about: "vrrp" }, other]);
  fifos.tell(vrrp("a\n"));
  t.deepEqual(
    fifos.status().map(({ written }) => written),
    [1, 0],
  );
});

test("the FIFO goes with the daemon when the daemon made it, and stays when it did not", async (t) => {
  const { fifos, config, dir } = place(t);
  const own = join(dir, "own");
  execFileSync("mkfifo", [own]);
  fifos.configure([config, { ...config, path: own }]);
  await fifos.close(300);
  t.false(existsSync(config.path));
  t.true(statSync(own).isFIFO());
});

test("what is no FIFO is left alone: an error in log and status, and the lines count as lost", (t) => {
  const { fifos, config, logged } = place(t);
  writeFileSync(config.path, "precious");
  fifos.configure([config]);
  fifos.tell(vrrp("a\n"));
  t.is(readFileSync(config.path, "utf8"), "precious");
  t.like(fifos.status()[0], {
    lost: 1,
    error: `Cannot use ${config.path} as a FIFO: it is something else`,
  });
  t.is(logged.filter(({ msg }) => String(msg).startsWith("FIFO not opened")).length, 1);
});

test("keepalived's defect 23: a full pipe loses no line until 1000 more wait, and then says so", async (t) => {
  const { fifos, config, logged } = place(t);
  fifos.configure([config]);
  const given = 10_000;
  for (let n = 0; n < given; n++) fifos.tell(vrrp(`INSTANCE "VI_1" MASTER ${n}\n`));
  const [before] = fifos.status();
  t.is(before?.waiting, 1000);
  t.true((before?.lost ?? 0) > 0);
  t.is((before?.written ?? 0) + 1000 + (before?.lost ?? 0), given);
  t.is(logged.filter(({ level }) => level === "error" || level === 50).length, 1);
  const reader = spawn("cat", [config.path], { stdio: ["ignore", "pipe", "inherit"] });
  let read = "";
  reader.stdout.on("data", (bytes: Buffer) => (read += bytes.toString()));
  await until("the newest line", () => read.endsWith(`MASTER ${given - 1}\n`));
  reader.kill();
  const numbers = read
    .trim()
    .split("\n")
    .map((line) => Number(line.split(" ")[2]));
  t.is(numbers.length, (before?.written ?? 0) + 1000);
  t.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
  t.like(logged.at(-1), { msg: "FIFO is read again, lines were lost", lost: before?.lost });
});

test("the script gets the FIFO as its last argument, and every line until the end", async (t) => {
  const { fifos, config, script, dir, text } = place(t);
  const command = `${script("read.sh", `while read -r line; do echo "$1 $line" >>${dir}/out; done <"$2"`)} 'a b'`;
  fifos.configure([{ ...config, script: command }]);
  fifos.tell(vrrp('INSTANCE "VI_1" MASTER 150\n'));
  await until("the first line", () => text("out") !== "");
  fifos.tell(vrrp('INSTANCE "VI_1" STOP 150\n'));
  await fifos.close(3000);
  t.is(text("out"), 'a b INSTANCE "VI_1" MASTER 150\na b INSTANCE "VI_1" STOP 150\n');
});

test("keepalived's defect 23: a script that dies is started again, after a pause", async (t) => {
  const { fifos, config, script, dir, text, logged } = place(t);
  const once = script("once.sh", `read -r line <"$1"; echo "$line" >>${dir}/out; exit 3`);
  fifos.configure([{ ...config, script: once }]);
  fifos.tell(vrrp("one\n"));
  await until("the first", () => text("out") === "one\n");
  fifos.tell(vrrp("two\n"));
  await until("the second", () => text("out") === "one\ntwo\n");
  t.is(fifos.status()[0]?.script_restarts, 1);
  const end = logged.find(({ msg }) => msg === "script ended, it is started again");
  t.like(end, { detail: "exit status 3", delay_ms: 1000 });
});

test("a script that ignores the end of the file and TERM is killed within the limit", async (t) => {
  const { fifos, config, script, dir, text } = place(t);
  const deaf = script("deaf.sh", `trap '' TERM; echo $$ >${dir}/pid; while :; do sleep 0.1; done`);
  fifos.configure([{ ...config, script: deaf }]);
  await until("it runs", () => text("pid").endsWith("\n"));
  await fifos.close(600);
  t.throws(() => process.kill(Number(text("pid")), 0), { code: "ESRCH" });
});

test("a reload keeps the FIFO and the script of an unchanged configuration, and ends the others", async (t) => {
  const { fifos, config, script, dir, text } = place(t);
  const reader = script("r.sh", `echo $$ >>${dir}/pids; exec cat "$1"`);
  const kept = { ...config, script: reader };
  const gone = { ...config, about: "lvs", path: join(dir, "g") } as const;
  fifos.configure([kept, gone]);
  await until("the reader", () => text("pids") !== "");
  const inode = statSync(kept.path).ino;
  fifos.configure([kept]);
  t.is(statSync(kept.path).ino, inode);
  t.false(existsSync(gone.path));
  t.is(fifos.status().length, 1);
  t.is(text("pids").trim().split("\n").length, 1);
});
