import { spawn } from "node:child_process";
import { once } from "node:events";
import test, { type ExecutionContext } from "ava";
import { takeNetworkLock } from "../../src/kernel/network-lock.ts";
import { enterNewNetwork } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";

enterNewNetwork();

// It is another user only once it has loaded: the tree may be one that others cannot read.
const HOLD = `import { takeNetworkLock } from "./build/src/kernel/network-lock.js";
  if (process.env.AS_UID !== undefined) process.setuid(Number(process.env.AS_UID));
  console.log(takeNetworkLock().kind);
  setInterval(() => {}, 1000);`;

async function holder(
  t: ExecutionContext,
  [program = "", ...before]: readonly string[] = [process.execPath],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly pid: number; readonly said: string; readonly kill: () => Promise<void> }> {
  const child = spawn(program, [...before, "--input-type=module", "-e", HOLD], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const kill = async (): Promise<void> => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  t.teardown(() => child.kill("SIGKILL"));
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { pid: child.pid ?? 0, said: said.toString().trim(), kill };
}

test.serial(
  "takeNetworkLock(): one holder, whose pid the others get; SIGKILL frees it",
  async (t) => {
    const first = await holder(t);
    t.is(first.said, "ours");
    t.deepEqual(takeNetworkLock(), { kind: "taken", pid: first.pid });
    await first.kill();
    const lock = await eventually("the lock is free", () => {
      const taken = takeNetworkLock();
      return taken.kind === "ours" ? taken : undefined;
    });
    lock.release();
  },
);

test.serial("takeNetworkLock(): another network namespace has another one", async (t) => {
  const first = await holder(t);
  t.is(first.said, "ours");
  t.is((await holder(t, ["unshare", "--net", process.execPath])).said, "ours");
});

test.serial(
  "takeNetworkLock(): any user may take the name, which keeps no duet from running",
  async (t) => {
    const nobody = await holder(t, [process.execPath], { AS_UID: "65534" });
    t.is(nobody.said, "ours");
    t.deepEqual(takeNetworkLock(), { kind: "squatted", pid: nobody.pid, uid: 65_534 });
  },
);
