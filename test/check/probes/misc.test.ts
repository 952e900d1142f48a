import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import type { ProbeContext } from "../../../src/check/probes/attempt.ts";
import { probe } from "../../../src/check/probes/index.ts";
import type { CheckConfigOf } from "../../../src/check/types/index.ts";
import { KILL_DELAY_MS } from "../../../src/kernel/process.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { commonCheck } from "../../helpers/checks.ts";
import { inTime } from "../../helpers/in-time.ts";
import { until } from "../../helpers/until.ts";

const dir = mkdtempSync(join(tmpdir(), "duet-misc-"));
test.after.always(() => rmSync(dir, { recursive: true, force: true }));

const target = { address: "10.0.0.21", port: 80 };
const misc: Omit<CheckConfigOf<"misc">, "command"> = {
  ...commonCheck,
  type: "misc",
  timeoutMs: 120_000,
  arguments: null,
  user: null,
  security: false,
  dynamic: false,
};

async function run(
  text: string,
  changes: Partial<CheckConfigOf<"misc">> = {},
): Promise<ProbeResult> {
  return probe(target, { ...misc, command: script(text), ...changes }, context());
}

test("exit status 0 is a success, any other is DOWN, with what the script said", async (t) => {
  t.like(await run("echo fine"), { ok: true, detail: "fine" });
  const failed = await run("echo no disk; echo more; exit 3");
  t.like(failed, { ok: false, cause: "says_down", detail: "exit status 3: no disk" });
  const missing = await run("", { command: `${dir}/nothing` });
  t.like(missing, { ok: false, cause: "internal", detail: "ENOENT" });
});

test("misc_dynamic: 0 says nothing of the weight, 1 is DOWN, 2 to 255 set it to 0 to 253", async (t) => {
  const dynamic = { dynamic: true };
  t.is(weightOf(await run("exit 0", dynamic)), undefined);
  t.false((await run("exit 1", dynamic)).ok);
  t.deepEqual(weightOf(await run("exit 2", dynamic)), { kind: "set", value: 0 });
  t.deepEqual(weightOf(await run("exit 255", dynamic)), { kind: "set", value: 253 });
  t.false((await run("exit 2")).ok);
  t.false((await run("kill -9 $$", dynamic)).ok);
});

test("the script gets its arguments, and the real server in its environment", async (t) => {
  const text = 'echo "$* $DUET_RIP $DUET_RPORT"';
  const result = await run(text, { arguments: ["10.0.0.100", "80", "10.0.0.21", "8080"] });
  t.is(result.detail, "10.0.0.100 80 10.0.0.21 8080 10.0.0.21 80");
});

for (const [title, text, timeoutMs] of [
  ["hangs with a child", "sleep 1000 & echo $! > PIDS; echo $$ >> PIDS; wait", 300],
  ["ignores SIGTERM", "trap '' TERM; echo $$ > PIDS; while :; do sleep 0.1; done", 300],
  [
    "prints without end",
    "echo $$ > PIDS; while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
    600,
  ],
] as const) {
  test(`a script that ${title} is DOWN at the limit, and soon nothing is left of it`, async (t) => {
    const pids = join(dir, `${title}.pids`.replaceAll(" ", "-"));
    const running = run(text.replaceAll("PIDS", pids), { timeoutMs });
    const result = await inTime(running, timeoutMs + 100, title);
    t.like(result, { ok: false, cause: "timeout" });
    const left = (): readonly number[] =>
      readFileSync(pids, "utf8").split("\n").filter(Boolean).map(Number).filter(isAlive);
    await until("all are gone", () => left().length === 0, KILL_DELAY_MS + 120_000);
  });
}

test("a script that prints 100 MB is judged by its end, and its output is not kept", async (t) => {
  const before = process.memoryUsage.rss();
  const result = await run("head -c 100000000 /dev/zero; exit 4");
  t.like(result, { ok: false, cause: "says_down" });
  t.true(process.memoryUsage.rss() - before < 96 * 1024 * 1024);
});

test("children that a script leaves behind are ended with it", async (t) => {
  const pids = join(dir, "left.pids");
  t.true((await run(`sleep 1000 & echo $! > ${pids}; exit 0`)).ok);
  await until("it is gone", () => !isAlive(Number(readFileSync(pids, "utf8"))));
});

test("file: the number times the factor is added; INT_MIN, no number, and no file are failures", async (t) => {
  const path = join(dir, "weight");
  const config: CheckConfigOf<"file"> = { ...commonCheck, type: "file", path, factor: -3 };
  t.like(await probe(target, config, context()), {
    ok: false,
    cause: "bad_response",
    detail: "ENOENT",
  });
  const says = async (text: string): Promise<ProbeResult> => {
    writeFileSync(path, text);
    return probe(target, config, context());
  };
  t.deepEqual(weightOf(await says("7\n")), { kind: "add", value: -21 });
  t.like(await says("-2147483648"), { ok: false, cause: "says_down" });
  t.like(await says("seven"), { ok: false, cause: "bad_response" });
  t.like(await says("1".repeat(100)), { ok: false, detail: "longer than 64 bytes" });
  t.like(await probe(target, { ...config, path: dir }, context()), {
    ok: false,
    detail: "no regular file",
  });
});

test("on and off always say the same", async (t) => {
  t.true((await probe(target, { ...commonCheck, type: "on" }, context())).ok);
  const off = await probe(target, { ...commonCheck, type: "off" }, context());
  t.like(off, { ok: false, cause: "says_down", detail: "off" });
});

function context(): ProbeContext {
  return { clock: timeoutClock, signal: new AbortController().signal };
}

let scripts = 0;

function script(text: string): string {
  scripts += 1;
  const path = join(dir, `script-${scripts}`);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

function weightOf(result: ProbeResult): unknown {
  return result.ok ? result.weight : "failed";
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody has waited for is not alive.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
