import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { takeLock } from "../../src/kernel/lock.ts";
import { temporaryDirectory } from "../helpers/sockets.ts";
import { eventually } from "../helpers/wait.ts";

test("takeLock() writes who holds the lock, and frees it by release()", (t) => {
  const path = join(temporaryDirectory(t), "lock");
  const lock = takeLock(path);
  t.is(readFileSync(path, "utf8"), `${process.pid}\n`);
  if (!lock.ok) return t.fail();
  lock.release();
  t.true(takeLock(path).ok);
});

test("takeLock(): one holder; the other one is told its pid; SIGKILL frees the lock", async (t) => {
  const path = join(temporaryDirectory(t), "lock");
  const holder = await holderOf(t, path);
  t.deepEqual(takeLock(path), { ok: false, holderPid: String(holder.pid) });
  t.is(readFileSync(path, "utf8"), `${holder.pid}\n`);
  const ended = once(holder, "exit");
  holder.kill("SIGKILL");
  await ended;
  await eventually("the lock is free", () => takeLock(path).ok);
  t.is(readFileSync(path, "utf8"), `${process.pid}\n`);
});

test("takeLock(): a child of the holder does not keep the lock", async (t) => {
  const path = join(temporaryDirectory(t), "lock");
  const lock = takeLock(path);
  const child = spawn("sleep", ["600"]);
  t.teardown(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  if (!lock.ok) return t.fail();
  lock.release();
  t.true(takeLock(path).ok);
});

test("takeLock() throws where no file can be", (t) => {
  t.throws(() => takeLock("/nonexistent/lock"), { code: "ENOENT" });
});

async function holderOf(t: ExecutionContext, path: string): Promise<ReturnType<typeof spawn>> {
  const script = `import { takeLock } from "./build/src/kernel/lock.js";
    console.log(takeLock(${JSON.stringify(path)}).ok);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  t.is(said.toString(), "true\n");
  return child;
}
