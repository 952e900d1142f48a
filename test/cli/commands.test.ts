// The commands as an operator runs them: `node build/duet/main.js ...` against a control socket of the test.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { processIdentity } from "../../src/cli/stop.ts";
import { type ControlHandlers, openControlServer } from "../../src/control/server.ts";
import {
  faultInstance,
  masterInstance,
  statusWith,
  vrrpSilent,
  webServer,
} from "../helpers/desk-fixtures.ts";
import { memoryLog, temporaryDirectory } from "../helpers/sockets.ts";

test("duet status exits 0 when all is well, and finds the run directory by DUET_RUN_DIR", async (t) => {
  const status = statusWith({ vrrp_instances: [masterInstance], virtual_servers: [webServer] });
  const runDir = await daemon(t, { status: async () => status });
  const { code, out, err } = await duet(["status"], { DUET_RUN_DIR: runDir });
  t.is(code, 0, err);
  t.regex(out, /^VI_1 +eth0 +51 +MASTER/m);
  t.is(err, "");
});

test("duet status exits 4 where it may not ask: nobody can tell how duet is", async (t) => {
  const runDir = await daemon(t, {});
  const strangersUid = 65_534;
  chmodSync(runDir, 0o700);
  chownSync(runDir, strangersUid, strangersUid);
  // Root without capabilities is somebody like all others, who may read duet's own files.
  const { code, out, err } = await duet(["status", "--run-dir", runDir], {}, [
    "setpriv",
    "--bounding-set=-all",
  ]);
  t.is(code, 4, err);
  t.regex(err, /Cannot use .*: permission denied, run it as root/);
  t.is(out, "");
});

for (const verb of [
  "run",
  "check",
  "status",
  "reload",
  "stop",
  "ipvs",
  "realserver",
  "release",
  "completion",
  "version",
  "help",
]) {
  test(`duet ${verb} --help exits 0 with the usage of ${verb}, and does nothing`, async (t) => {
    const { code, out, err } = await duet([verb, "--help"]);
    t.is(code, 0, err);
    t.regex(out, verb === "ipvs" ? /^Usage:/m : new RegExp(`^Usage: duet ${verb}\\b`));
    t.is(err, "");
  });
}

test("duet help explains a type of check, the cause of a transition, and a word of keepalived", async (t) => {
  const { out } = await duet(["help", "websocket"]);
  t.regex(out, /^\[check\.NAME\] type = websocket\n {2}websocket: an opening handshake\n/);
  t.regex(out, /^ {2}path\[\] /m);
  t.regex((await duet(["help", "master_down_timer"])).out, /no advert of a master was heard/);
  t.regex((await duet(["help", "nb_get_retry"])).out, /it is retry$/m);
  t.regex((await duet(["help", "global_defs"])).out, /it is the section \[global\]/);
  t.is((await duet(["help", "nonsense-word"])).code, 2);
});

test("duet status --json prints the body", async (t) => {
  const status = statusWith({ virtual_servers: [webServer] });
  const runDir = await daemon(t, { status: async () => status });
  const { code, out } = await duet(["status", "--json", "--run-dir", runDir]);
  t.is(code, 0);
  t.deepEqual(JSON.parse(out), status);
});

test("duet status exits 1 exactly when a reason is listed", async (t) => {
  const listed = await daemon(t, { status: async () => statusWith({ degraded: [vrrpSilent] }) });
  t.is((await duet(["status", "--run-dir", listed])).code, 1);
  const none = await daemon(t, {
    status: async () => statusWith({ vrrp_instances: [faultInstance] }),
  });
  t.is((await duet(["status", "--run-dir", none])).code, 0);
});

test("duet status, reload and stop exit 3 and say so when duet is not running", async (t) => {
  const runDir = temporaryDirectory(t);
  for (const verb of ["status", "reload", "stop"]) {
    const { code, out, err } = await duet([verb, "--run-dir", runDir]);
    t.is(code, 3);
    t.is(out, "");
    t.is(err, `duet ${verb}: duet is not running: nobody listens on ${runDir}/duet.sock\n`);
  }
});

test("duet reload exits 0 when done", async (t) => {
  const verbs: string[] = [];
  const runDir = await daemon(t, {
    async request(verb) {
      verbs.push(verb);
      return { ok: true, reasons: [] };
    },
  });
  t.like(await duet(["reload", "--run-dir", runDir]), { code: 0, out: "", err: "" });
  t.deepEqual(verbs, ["reload"]);
});

test("duet reload exits 1 with every reason when refused", async (t) => {
  const runDir = await daemon(t, {
    request: async () => ({ ok: false, reasons: ["duet.ini:3: bad", "duet.ini:9: worse"] }),
  });
  const { code, err } = await duet(["reload", "--run-dir", runDir]);
  t.is(code, 1);
  t.is(err, "duet.ini:3: bad\nduet.ini:9: worse\nduet reload: refused, nothing was changed\n");
});

test("duet stop waits until the process of duet.pid is gone", async (t) => {
  const guardian = sleeper(t);
  const runDir = await daemon(t, {
    async request() {
      // It leaves a while after the answer.
      setTimeout(() => guardian.kill(), 300);
      return { ok: true, reasons: [] };
    },
  });
  writeFileSync(`${runDir}/duet.pid`, `${guardian.pid}\n`);
  const { code, err } = await duet(["stop", "--run-dir", runDir]);
  t.is(code, 0, err);
  t.is(processIdentity(guardian.pid ?? 0), undefined);
});

test("duet stop exits 1 when it is refused, and does not wait", async (t) => {
  const guardian = sleeper(t);
  const runDir = await daemon(t, { request: async () => ({ ok: false, reasons: ["busy"] }) });
  writeFileSync(`${runDir}/duet.pid`, `${guardian.pid}\n`);
  t.like(await duet(["stop", "--run-dir", runDir]), { code: 1 });
});

test("duet stop names the process that lives without a control socket", async (t) => {
  const guardian = sleeper(t);
  const runDir = temporaryDirectory(t);
  writeFileSync(`${runDir}/duet.pid`, `${guardian.pid}\n`);
  const { code, err } = await duet(["stop", "--run-dir", runDir]);
  t.is(code, 3);
  t.true(err.includes(`process ${guardian.pid} of duet.pid lives`), err);
});

test("duet version prints the version of the package", async (t) => {
  const { code, out } = await duet(["version"]);
  t.is(code, 0);
  t.regex(out, /^duet \d+\.\d+\.\d+\n$/);
});

test("an unknown command exits 2 with the nearest known one", async (t) => {
  const { code, err } = await duet(["statsu"]);
  t.is(code, 2);
  t.is(err, 'duet: Cannot find command "statsu" (did you mean "status"?) (see duet help)\n');
});

test("a word of JavaScript's own is no command", async (t) => {
  for (const word of ["constructor", "__proto__", "toString"]) {
    t.is((await duet([word])).code, 2);
  }
});

for (const args of [
  ["status", "--jsn"],
  ["status", "extra"],
  ["reload", "--run-dir"],
  ["version", "-x"],
]) {
  test(`duet ${args.join(" ")} is a usage error: exit 2 and one line`, async (t) => {
    const { code, out, err } = await duet(args);
    t.is(code, 2);
    t.is(out, "");
    t.regex(err, new RegExp(`^duet ${args[0]}: [^\\n]+\\n$`));
  });
}

test("processIdentity() stays the same for a living process and differs between two", (t) => {
  const own = processIdentity(process.pid);
  t.regex(own ?? "", /^\d+$/);
  t.is(processIdentity(process.pid), own);
  t.is(processIdentity(2 ** 22 + 1), undefined);
});

type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

async function duet(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  /** A command that runs another one in a way of its own. */
  wrapper: readonly string[] = [],
): Promise<Ran> {
  const program = fileURLToPath(new URL("../../duet/main.js", import.meta.url));
  const [command = "", ...words] = [...wrapper, process.execPath, program, ...args];
  const child = spawn(command, words, {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

async function daemon(t: ExecutionContext, given: Partial<ControlHandlers>): Promise<string> {
  const runDir = temporaryDirectory(t);
  const handlers: ControlHandlers = {
    status: async () => statusWith(),
    events: () => [],
    request: async () => ({ ok: true, reasons: [] }),
    switchOver: async () => ({ ok: true, reasons: [], switched: [] }),
    maintenance: async () => ({ ok: true, reasons: [] }),
    running: async () => ({
      file: "",
      how: {},
      half: null,
      config: {},
      vrrp: null,
      director: null,
    }),
    ...given,
  };
  const control = await openControlServer({ runDir, handlers, log: memoryLog().log });
  t.teardown(async () => {
    control.closeAll();
    await control.close();
  });
  return runDir;
}

/** A process that lives until it is killed. */
function sleeper(t: ExecutionContext): ChildProcess {
  const child = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  return child;
}
