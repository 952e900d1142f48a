import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import test from "ava";
import { isLogLevel, readableLine } from "../../src/lib/log.ts";

test("readableLine() puts time, level, role and message first, then the fields", (t) => {
  const line = {
    level: "info",
    time: "2026-01-01T12:00:00.123Z",
    role: "vrrp",
    instance: "VI_1",
    cause: "two words",
    n: 3,
    none: "",
    msg: "state changed",
  };
  t.is(
    readableLine(JSON.stringify(line)),
    '12:00:00.123 INFO vrrp state changed instance=VI_1 cause="two words" n=3 none=""',
  );
});

test("readableLine() keeps a line break inside its line", (t) => {
  const line = { level: "warn", time: "2026-01-01T12:00:00.123Z", role: "desk", text: "a\nb" };
  t.is(readableLine(JSON.stringify(line)), '12:00:00.123 WARN desk text="a\\nb"');
});

test("readableLine() gives a terminal nothing to obey", (t) => {
  const evil = "\u001b[2J\u009b1m\u202e\u007f";
  const line = { level: "warn", time: "2026-01-01T12:00:00.123Z", role: "desk", msg: evil, evil };
  const said = readableLine(JSON.stringify({ ...line, [evil]: [evil] }));
  t.notRegex(said, /[\p{Cc}\p{Bidi_Control}]/u);
  t.true(said.includes(String.raw`\x1b[2J\x9b1m\u202e\x7f`));
});

test("isLogLevel() knows pino's levels and silent", (t) => {
  t.true(isLogLevel("debug"));
  t.true(isLogLevel("silent"));
  t.false(isLogLevel("verbose"));
});

test("openLog() loses no line when the process exits right after it", async (t) => {
  const child = logger(`
    for (let i = 0; i < 100; i++) log.info({ i }, "line");
    log.error("last words");
    process.exit(3);
  `);
  const lines = await stderrLines(child);
  t.is(lines.length, 101);
  t.is(lines.at(-1)?.["msg"], "last words");
  t.is(lines.at(-1)?.["level"], "error");
  t.is(lines.at(-1)?.["role"], "test");
});

test("openLog() does not stall the process when nobody reads stderr, and says what was dropped", async (t) => {
  const child = logger(`
    const text = "x".repeat(1000);
    for (let i = 0; i < 4000; i++) log.info({ text }, "line");
    process.send("still alive");
    process.on("disconnect", () => process.exit(0));
  `);
  // 4 MB are more than the pipe and the log's own queue hold, and nothing was read yet.
  const [message] = (await once(child, "message")) as [string];
  t.is(message, "still alive");
  const dropped = new Promise<number>((resolve) => {
    let text = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const match = /"dropped":(\d+)/.exec(text);
      if (match !== null) resolve(Number(match[1]));
    });
  });
  t.true((await dropped) > 1000);
  child.disconnect();
  await once(child, "exit");
});

function logger(body: string): ChildProcess {
  const module = new URL("../../src/lib/log.js", import.meta.url).href;
  const program = `
    import { openLog } from ${JSON.stringify(module)};
    const log = openLog({ role: "test", level: "info" });
    ${body}`;
  return spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

async function stderrLines(child: ChildProcess): Promise<Record<string, unknown>[]> {
  const parts: Buffer[] = [];
  child.stderr?.on("data", (part: Buffer) => parts.push(part));
  await once(child, "close");
  const text = Buffer.concat(parts).toString();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
