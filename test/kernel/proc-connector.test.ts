// Needs the first namespaces and CAP_NET_ADMIN: where the kernel tells nothing, that is what is tested.

import { spawn } from "node:child_process";
import { once } from "node:events";
import test from "ava";
import { openProcConnector } from "../../src/kernel/proc-connector.ts";
import { listPids, readProcess } from "../../src/kernel/processes.ts";
import { eventually } from "../helpers/wait.ts";

test("readProcess() tells name and command line of a process; it is on the list while it lives", async (t) => {
  const child = spawn("sleep", ["600"]);
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  await eventually("its own name", () => readProcess(pid, true)?.name === "sleep");
  t.deepEqual(readProcess(pid, true), { name: "sleep", words: ["sleep", "600"] });
  t.deepEqual(readProcess(pid, false), { name: "sleep", words: [] });
  t.true(listPids().includes(pid));
  child.kill("SIGKILL");
  await once(child, "exit");
  t.is(readProcess(pid, true), undefined);
  t.false(listPids().includes(pid));
});

test("the proc connector tells of a process that starts and ends", async (t) => {
  const started: number[] = [];
  const ended: number[] = [];
  let ready = false;
  const connector = openProcConnector({
    onReady: () => (ready = true),
    onProcess: (pid) => started.push(pid),
    onExit: (pid) => ended.push(pid),
    onOverrun: () => {},
  });
  t.teardown(() => connector.close());
  const tells = await eventually("the kernel's yes", () => ready, 1000).catch(() => false);
  if (!tells) {
    t.pass("the kernel tells nothing here");
    return;
  }
  const child = spawn("true");
  await once(child, "exit");
  await eventually("its start and its end", () => {
    const pid = child.pid ?? 0;
    return started.includes(pid) && ended.includes(pid);
  });
  t.pass();
});
