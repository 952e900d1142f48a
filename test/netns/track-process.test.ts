// A tracked process and the whole daemon. In a network namespace the kernel tells of no processes: the daemon
// looks for them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { instanceText, openPair } from "../helpers/daemon-pair.ts";
import { startDuet } from "../helpers/duet.ts";

await openPair(test);

test.serial("a tracked process that ends is a FAULT until it runs again", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "duet-track-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const name = `duet-t${process.pid}`;
  const program = join(directory, name);
  copyFileSync("/bin/sleep", program);
  const run = async (): Promise<() => void> => {
    const child = spawn(program, ["600"]);
    t.teardown(() => void child.kill("SIGKILL"));
    await once(child, "spawn");
    return () => void child.kill("SIGKILL");
  };
  const kill = await run();
  const more = ["track_process[] = p"];
  const text = instanceText({ vrid: 1, priority: 100, vips: ["10.9.0.100/24"], more });
  const duet = await startDuet(t, `${text}[vrrp_track_process.p]\nprocess = ${name} 600\n`);
  await duet.becomes("MASTER");

  kill();
  t.deepEqual((await duet.becomes("FAULT")).faults, ["track_process:p"]);
  await run();
  await duet.becomes("MASTER");
  const { trackers = [] } = await duet.status();
  t.like(trackers[0], {
    kind: "process",
    name: "p",
    up: true,
    value: 1,
    detail: "1 running, needed: 1 or more",
  });
});
