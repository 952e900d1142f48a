import test from "ava";
import { forgetHooks, judgeHooks } from "../../src/daemon/desk/degraded.ts";
import { openDegradedBook } from "../../src/daemon/process/degraded-book.ts";
import type { HookResult, SubjectHooks } from "../../src/desk/model.ts";
import { configWith, instanceConfig } from "../helpers/desk-fixtures.ts";
import { memoryLog } from "../helpers/sockets.ts";

const failed: HookResult = {
  hook: "notify_master",
  state: "MASTER",
  at: "2026-01-01T00:00:00.000Z",
  ok: false,
  detail: "exit status 1",
  lastLine: "no such unit",
  tookMs: 3,
};
const ok: HookResult = { ...failed, ok: true, detail: "exit status 0", lastLine: "" };

function hooks(...results: readonly HookResult[]): SubjectHooks {
  return { subject: { kind: "INSTANCE", name: "VI_1" }, running: null, skipped: 0, results };
}

const openBook = () => openDegradedBook({ log: memoryLog().log, tell: () => {} });

test("a hook that failed is a reason, with the last line of its output, until it succeeds", (t) => {
  const book = openBook();
  judgeHooks(book, hooks(failed), "MASTER");
  t.like(book.list(), [
    {
      kind: "hook_failed",
      subject: "VI_1 notify_master",
      text: "failed at MASTER: exit status 1: no such unit",
    },
  ]);
  judgeHooks(book, hooks(failed, { ...ok, hook: "notify" }), "MASTER");
  t.is(book.list().length, 1, "another hook of the same state says nothing about it");
  judgeHooks(book, hooks(ok), "MASTER");
  t.deepEqual(book.list(), []);
});

test("what failed in an earlier state is over", (t) => {
  const book = openBook();
  judgeHooks(book, hooks(failed), "MASTER");
  judgeHooks(book, hooks(failed, { ...ok, hook: "notify_backup", state: "BACKUP" }), "BACKUP");
  t.deepEqual(book.list(), []);
});

test("an instance that a reload took away has no hooks that failed", (t) => {
  const book = openBook();
  judgeHooks(book, hooks(failed), "MASTER");
  forgetHooks(book, configWith({ vrrpInstances: [instanceConfig("VI_1")] }));
  t.is(book.list().length, 1);
  forgetHooks(book, configWith());
  t.deepEqual(book.list(), []);
});
