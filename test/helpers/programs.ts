// Real servers of Debian's packages, run for one test.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import type { ExecutionContext } from "ava";
import { delayMs, nowMs } from "../../src/lib/clock.ts";

export type Program = { readonly child: ChildProcess; readonly output: () => string };

/** Runs until the test ends. */
export function startProgram(
  t: ExecutionContext,
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let output = "";
  let failure: Error | undefined;
  child.on("error", (error) => {
    failure = error;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  t.teardown(async () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  });
  return {
    child,
    output() {
      if (failure !== undefined) throw new Error(`Cannot run ${command}`, { cause: failure });
      return output;
    },
  };
}

/** Resolves as soon as somebody accepts there. */
export async function accepting(port: number, program: Program, limitMs = 120_000): Promise<void> {
  const endMs = nowMs() + limitMs;
  while (!(await accepts(port))) {
    if (nowMs() > endMs || program.child.exitCode !== null) {
      throw new Error(`Nobody accepts on port ${port}: ${program.output()}`);
    }
    await delayMs(20);
  }
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
