// Signals that come before duet is ready for them: remembered, and carried out.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { stopWish } from "../../src/daemon/guardian/wishes.ts";
import { linesOf } from "../helpers/daemon-place.ts";
import { killQuietly } from "../helpers/duet.ts";
import { enterNewNetwork } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";

enterNewNetwork(); // one duet a network namespace

/** An interface that there is not: nothing of this machine is touched. */
const CONFIG =
  "[vrrp_instance.VI_1]\ninterface = no-such-if\nvirtual_router_id = 51\nvirtual_ipaddress[] = 203.0.113.1/32\n";

test("stopWish() is the first stop among what came early", (t) => {
  t.is(stopWish([]), undefined);
  t.is(stopWish(["SIGHUP"]), undefined);
  t.is(stopWish(["SIGHUP", "SIGINT", "SIGTERM"]), "SIGINT");
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test.serial(`${signal} to the whole group while the configuration is read: a stop`, async (t) => {
    const { child, output, exited } = start(t);
    await eventually("the reader", () => readerOf(child.pid ?? 0) !== undefined);
    process.kill(-(child.pid ?? 0), signal);
    t.deepEqual(await exited, [0, null]);
    t.regex(output(), /duet stops/);
    t.notRegex(output(), /\n +at /, "no stack trace");
  });
}

test.serial("SIGHUP while the configuration is read: it is read again", async (t) => {
  const { child, output, exited } = start(t);
  await eventually("the reader", () => readerOf(child.pid ?? 0) !== undefined);
  process.kill(-(child.pid ?? 0), "SIGHUP");
  await eventually("the reload", () => output().includes('"msg":"reloaded"'));
  child.kill("SIGTERM");
  t.deepEqual(await exited, [0, null]);
});

test.serial("a reader whose guardian is killed ends without a word", async (t) => {
  const { child, output, exited } = start(t);
  let reader: number | undefined;
  await eventually("the reader", () => (reader = readerOf(child.pid ?? 0)) !== undefined);
  child.kill("SIGKILL");
  await exited;
  await eventually("its end", () => commandLine(reader ?? 0) === "");
  t.notRegex(output(), /\n +at /, "no stack trace");
});

function start(t: ExecutionContext) {
  const dir = mkdtempSync(join(tmpdir(), "duet-wishes-"));
  writeFileSync(join(dir, "duet.ini"), CONFIG);
  const args = [
    "build/duet/main.js",
    "run",
    "-f",
    join(dir, "duet.ini"),
    "--run-dir",
    `${dir}/run`,
  ];
  // In a group of its own, as a shell starts it.
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  const lines: string[] = [];
  linesOf(child.stderr, (line) => lines.push(line));
  const exited = once(child, "exit");
  t.teardown(async () => {
    killQuietly(child.pid ?? 0, "SIGKILL");
    await exited;
    rmSync(dir, { recursive: true, force: true });
  });
  return { child, output: () => lines.join("\n"), exited };
}

function readerOf(guardian: number): number | undefined {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.find(
    (pid) =>
      commandLine(pid).includes("--role reader") &&
      new RegExp(`^PPid:\\s*${guardian}$`, "m").test(readQuietly(`/proc/${pid}/status`)),
  );
}

function commandLine(pid: number): string {
  return readQuietly(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
