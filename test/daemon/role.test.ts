import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";

for (const role of ["vrrp", "director", "desk"]) {
  test(`a ${role} whose guardian died while it was loading ends`, async (t) => {
    const runDir = mkdtempSync(join(tmpdir(), "duet-role-"));
    const child = fork("build/src/main.js", ["--role", role], {
      env: { ...process.env, DUET_RUN_DIR: runDir },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    t.teardown(() => {
      child.kill("SIGKILL");
      rmSync(runDir, { recursive: true, force: true });
    });
    const exited = once(child, "exit", { signal: AbortSignal.timeout(20_000) });
    child.disconnect();
    await exited;
    t.is(child.signalCode, null);
  });
}
