import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { PATIENCE_MS } from "../helpers/wait.ts";

for (const role of ["director", "desk"]) {
  test(`a ${role} tells its guardian that it is alive`, async (t) => {
    const { child } = start(t, role);
    const beat = async (): Promise<unknown> => {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const messages: readonly unknown[] = await once(child, "message", { signal });
      return messages[0];
    };
    t.deepEqual([await beat(), await beat()], [{ type: "heartbeat" }, { type: "heartbeat" }]);
  });
}

for (const role of ["vrrp", "director", "desk"]) {
  test(`a ${role} whose guardian died while it was loading ends`, async (t) => {
    const { child } = start(t, role);
    const exited = once(child, "exit", { signal: AbortSignal.timeout(PATIENCE_MS) });
    child.disconnect();
    await exited;
    t.is(child.signalCode, null);
  });
}

function start(t: ExecutionContext, role: string): { readonly child: ChildProcess } {
  const runDir = mkdtempSync(join(tmpdir(), "duet-role-"));
  const child = fork("build/duet/main.js", ["--role", role], {
    env: { ...process.env, DUET_RUN_DIR: runDir },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  t.teardown(() => {
    child.kill("SIGKILL");
    rmSync(runDir, { recursive: true, force: true });
  });
  return { child };
}
