import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { KILL_DELAY_MS, runScript, type ScriptOptions } from "../../src/kernel/process.ts";
import { until } from "../helpers/until.ts";

const dir = mkdtempSync(join(tmpdir(), "duet-process-"));
test.after.always(() => rmSync(dir, { recursive: true, force: true }));

const defaults: Omit<ScriptOptions, "command"> = {
  extraArguments: [],
  timeoutMs: 20_000,
  environment: {},
  outputMaxBytes: 4096,
};

/** Writes a script and returns its path. */
function script(name: string, text: string, mode = 0o755): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
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

test("runScript() passes the words and the extra arguments, without a shell", async (t) => {
  const path = script("args", '#!/bin/sh\nfor a; do echo "[$a]"; done\n');
  const command = `${path} 'a b' "c\\"d" $HOME *`;
  const result = await runScript({ ...defaults, command, extraArguments: ["INSTANCE", "VI 1"] });
  t.like(result, { ok: true, exitCode: 0 });
  t.is(result.output, '[a b]\n[c"d]\n[$HOME]\n[*]\n[INSTANCE]\n[VI 1]\n');
  t.is(result.tookMs, Math.round(result.tookMs * 10) / 10);
});

test("runScript() records the exit status of a failure, and what it wrote on stdout and stderr", async (t) => {
  const path = script("fails", "#!/bin/sh\necho out\necho err >&2\nexit 3\n");
  const result = await runScript({ ...defaults, command: path });
  t.like(result, { ok: false, cause: "exit_status", exitCode: 3, detail: "exit status 3" });
  t.deepEqual(result.output.trim().split("\n").toSorted(), ["err", "out"]);
});

test("runScript() finds a bare name by PATH", async (t) => {
  t.true((await runScript({ ...defaults, command: "true" })).ok);
});

for (const [what, make, detail] of [
  ["does not exist", () => join(dir, "nowhere"), "ENOENT"],
  ["is not executable", () => script("plain", "#!/bin/sh\n", 0o644), "EACCES"],
  [
    "names an interpreter that does not exist",
    () => script("bang", "#! /no/such -x\n"),
    `there is no interpreter /no/such, which ${join(dir, "bang")} asks for`,
  ],
  [
    "has the line ends of another system",
    () => script("crlf", "#!/bin/sh\r\nexit 0\r\n"),
    `${join(dir, "crlf")} has CR LF line ends: there is no interpreter "/bin/sh\\r"`,
  ],
  ["is a directory", () => dir, "EACCES"],
  ["has an open quote", () => "echo 'a", "a ' is not closed"],
  ["is empty", () => "  ", "the command is empty"],
] as const) {
  test(`law 5: a script that ${what} is a failure, never healthy`, async (t) => {
    const result = await runScript({ ...defaults, command: make() });
    t.like(result, { ok: false, cause: "cannot_start", detail, exitCode: null, output: "" });
  });
}

test("law 5: a file that is no program at all does not succeed", async (t) => {
  const path = join(dir, "garbage");
  writeFileSync(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3]));
  chmodSync(path, 0o755);
  t.false((await runScript({ ...defaults, command: path })).ok);
});

test("runScript() passes PATH, what it was given, and nothing else of its own environment", async (t) => {
  process.env["DUET_TEST_SECRET"] = "x";
  const command = "/usr/bin/env";
  const result = await runScript({ ...defaults, command, environment: { DUET_STATE: "MASTER" } });
  const names = result.output
    .trim()
    .split("\n")
    .map((line) => line.split("=")[0] ?? "");
  t.deepEqual(names.toSorted(), ["DUET_STATE", "PATH"]);
});

test("runScript() gives the script an empty stdin and a process group of its own", async (t) => {
  const text =
    '#!/bin/sh\ncat\nread -r pid name state parent group rest </proc/$$/stat\ntest "$group" = $$\n';
  const path = script("stdin", text);
  const result = await runScript({ ...defaults, command: path });
  t.true(result.ok, JSON.stringify(result));
});

test("runScript() ends the whole group at the deadline", async (t) => {
  const pidFile = join(dir, "child.pid");
  const path = script(
    "slow",
    `#!/bin/sh\ntrap 'echo told; exit 3' TERM\nsleep 600 &\necho $! >${pidFile}\necho begun\nwait\n`,
  );
  const result = await runScript({ ...defaults, command: path, timeoutMs: 2000 });
  t.like(result, { ok: false, cause: "timeout", detail: "no end in 2000 ms", exitCode: null });
  t.is(result.output, "begun\ntold\n", "by TERM, not by KILL");
  t.true(result.tookMs >= 1999);
  const pid = Number(readFileSync(pidFile, "utf8"));
  await until("the background child is gone", () => !isAlive(pid));
});

test("runScript() kills a child that ignores TERM when the script itself obeys it", async (t) => {
  const pidFile = join(dir, "deaf.pid");
  const deaf = script("deaf", `#!/bin/sh\ntrap '' TERM\necho $$ >${pidFile}\nexec sleep 600\n`);
  const path = script("obeys", `#!/bin/sh\ntrap 'echo told; exit 3' TERM\n${deaf} &\nwait\n`);
  const result = await runScript({ ...defaults, command: path, timeoutMs: 2000 });
  t.like(result, { ok: false, cause: "timeout" });
  t.is(result.output, "told\n", "by TERM, not by KILL");
  const pid = Number(readFileSync(pidFile, "utf8"));
  await until("the deaf child is gone", () => !isAlive(pid));
});

test("runScript() kills a script that ignores TERM", async (t) => {
  const path = script("stubborn", "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n");
  const result = await runScript({ ...defaults, command: path, timeoutMs: 300 });
  t.like(result, { ok: false, cause: "timeout" });
  t.true(result.tookMs >= 300 + KILL_DELAY_MS - 1);
});

test("runScript() tells a script that died of a signal", async (t) => {
  const path = script("dies", "#!/bin/sh\nkill -9 $$\n");
  const result = await runScript({ ...defaults, command: path });
  t.like(result, { ok: false, cause: "signal", detail: "killed by SIGKILL" });
});

test("runScript() does not wait for a background child that holds the pipe", async (t) => {
  const pidFile = join(dir, "holder.pid");
  const path = script("leaves", `#!/bin/sh\necho done\nsleep 600 &\necho $! >${pidFile}\n`);
  const result = await runScript({ ...defaults, command: path });
  t.like(result, { ok: true, output: "done\n" });
  const pid = Number(readFileSync(pidFile, "utf8"));
  t.true(isAlive(pid), "a child left behind on purpose goes on");
  process.kill(pid, "SIGKILL");
});

test("runScript() keeps the beginning of a long output and lets the script finish", async (t) => {
  const path = script("long", "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\n");
  const result = await runScript({ ...defaults, command: path, outputMaxBytes: 1000 });
  t.true(result.ok);
  t.is(result.output, "x".repeat(1000));
});

test("runScript() keeps the end of a long output where that is wanted", async (t) => {
  const path = script(
    "tail",
    "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\necho the reason\n",
  );
  const result = await runScript({
    ...defaults,
    command: path,
    outputMaxBytes: 1000,
    keepsEnd: true,
  });
  t.is(result.output, `${"x".repeat(1000 - "the reason\n".length)}the reason\n`);
});

test("runScript() kills at once when it is aborted, before or after the start", async (t) => {
  const mark = join(dir, "begun");
  const path = script("abort", `#!/bin/sh\ntrap '' TERM\n: >${mark}\nsleep 600\n`);
  const controller = new AbortController();
  const running = runScript({ ...defaults, command: path, signal: controller.signal });
  await until("it has begun", () => existsSync(mark));
  controller.abort();
  t.like(await running, { ok: false, cause: "aborted", detail: "killed before its end" });
  const signal = AbortSignal.abort();
  t.like(await runScript({ ...defaults, command: path, signal }), { ok: false, cause: "aborted" });
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
const NOBODY = { user: "nobody", group: "nogroup", uid: 65534, gid: 65534 };

asRoot(
  "runScript() runs as the user that it is told, with no group but the one given",
  async (t) => {
    const path = script("who", "#!/bin/sh\nid -u; id -g; id -G\n");
    chmodSync(dir, 0o755);
    const result = await runScript({ ...defaults, command: path, identity: NOBODY });
    t.is(result.output, "65534\n65534\n65534\n");
  },
);

asRoot(
  "runScript() refuses as root what others may write to, and says who and where",
  async (t) => {
    const path = script("open", "#!/bin/sh\necho ran\n", 0o757);
    const result = await runScript({ ...defaults, command: path });
    t.like(result, { ok: false, cause: "insecure", exitCode: null, output: "" });
    t.is(!result.ok && result.detail, `${path} is writable by everybody (mode 0757)`);
    t.is((await runScript({ ...defaults, command: path, security: false })).output, "ran\n");
    chmodSync(dir, 0o755);
    t.is((await runScript({ ...defaults, command: path, identity: NOBODY })).output, "ran\n");
  },
);

asRoot("runScript() looks again before every run", async (t) => {
  const path = script("later", "#!/bin/sh\n");
  t.true((await runScript({ ...defaults, command: path })).ok);
  chownSync(path, NOBODY.uid, NOBODY.gid);
  t.like(await runScript({ ...defaults, command: path }), {
    cause: "insecure",
    detail: `${path} is owned by nobody`,
  });
});

test("runScript() tells the group to end when asked, and waits for it", async (t) => {
  const ready = join(dir, "ready");
  const path = script(
    "polite",
    `#!/bin/sh\ntrap 'echo bye; exit 0' TERM\nsleep 600 &\n: >${ready}\nwait\n`,
  );
  const ending = new AbortController();
  const options = { ...defaults, timeoutMs: Infinity, command: path, endSignal: ending.signal };
  const running = runScript(options);
  await until("the script waits", () => existsSync(ready));
  ending.abort();
  const result = await running;
  t.like(result, { ok: false, cause: "aborted", detail: "told to end" });
  t.regex(result.output, /^bye$/m);
});
