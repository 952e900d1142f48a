// A process may raise its own score and take that back, and needs CAP_SYS_RESOURCE for less than 0. So the child has 300 here.

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { dropOomProtection } from "../../src/kernel/process.ts";

function child(t: ExecutionContext): { readonly pid: number; readonly score: () => string } {
  const process = spawn("sleep", ["1000"]);
  t.teardown(() => void process.kill("SIGKILL"));
  const { pid = 0 } = process;
  writeFileSync(`/proc/${pid}/oom_score_adj`, "300");
  return { pid, score: () => readFileSync(`/proc/${pid}/oom_score_adj`, "utf8") };
}

test("dropOomProtection() takes it from the child of a process that has it, and from no other", (t) => {
  const one = child(t);
  dropOomProtection(one.pid, 0);
  t.is(one.score(), "300\n");
  dropOomProtection(one.pid, -900);
  t.is(one.score(), "0\n");
});

test("dropOomProtection() minds no process that has ended", (t) => {
  t.notThrows(() => dropOomProtection(2 ** 22 + 1, -900));
});
