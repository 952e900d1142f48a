// The desk as a process, with the test as its guardian and as the other roles.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import type { Config } from "../../src/config/model.ts";
import { request } from "../../src/control/client.ts";
import type { Event } from "../../src/control/events.ts";
import type { Status } from "../../src/control/status.ts";
import { type BusClient, openBusClient } from "../../src/daemon/process/bus.ts";
import { type BusRole, busPath } from "../../src/daemon/process/bus-messages.ts";
import type { GuardianMessage, RoleMessage } from "../../src/daemon/process/messages.ts";
import { NO_LVS } from "../../src/ipvs/lvs.ts";
import { timeoutClock, wallTime } from "../../src/lib/clock.ts";
import { configWith, instanceConfig, masterInstance, webServer } from "../helpers/desk-fixtures.ts";
import { memoryLog, temporaryDirectory } from "../helpers/sockets.ts";
import { until } from "../helpers/until.ts";
import { virtualServerConfig } from "../helpers/virtual-server.ts";

test("the status puts together what the roles and the guardian told", async (t) => {
  const desk = await openDesk(t, bothRoles());
  desk.send({
    type: "processes",
    processes: [{ role: "guardian", pid: 1, restarts: 2 }],
    degraded: [],
    confirmation: { until: "2026-01-01T00:00:00.000Z" },
  });
  role(t, desk.runDir, "vrrp", { vrrp_instances: [masterInstance] });
  role(t, desk.runDir, "director", { virtual_servers: [webServer] });
  const status = await statusOf(desk.runDir);
  t.like(status, {
    version: (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version,
    router_id: "lb1",
    vrrp_sync_groups: [],
    degraded: [],
    hooks: [],
    confirmation: { until: "2026-01-01T00:00:00.000Z" },
  });
  t.deepEqual(status.processes, [{ role: "guardian", pid: 1, restarts: 2 }]);
  t.deepEqual(status.vrrp_instances, [masterInstance]);
  t.deepEqual(status.virtual_servers, [webServer]);
});

test("the uptime counts from the start of the guardian, not of the desk", async (t) => {
  const startedAtMs = Date.parse(wallTime()) - 3_600_000;
  const desk = await openDesk(t, configWith(), { DUET_STARTED_AT_MS: String(startedAtMs) });
  const { uptime_s } = await statusOf(desk.runDir);
  t.true(uptime_s >= 3600 && uptime_s < 3700, String(uptime_s));
});

test("a role that is needed and does not answer makes the status degraded", async (t) => {
  const desk = await openDesk(t, bothRoles());
  role(t, desk.runDir, "director", { virtual_servers: [webServer] });
  const status = await statusOf(desk.runDir);
  t.like(status.degraded, [{ kind: "role_silent", subject: "vrrp", text: "it does not answer" }]);
  t.deepEqual(status.vrrp_instances, []);
  t.deepEqual(status.virtual_servers, [webServer]);
});

test("a role without work is not missed", async (t) => {
  const desk = await openDesk(t, configWith());
  t.like(await statusOf(desk.runDir), { degraded: [], vrrp_instances: [], virtual_servers: [] });
});

test("a transition reaches the journal and the hooks, and the end of the hook reaches the status", async (t) => {
  const hook = hookScript(t);
  const config = configWith({ vrrpInstances: [instanceConfig("VI_1", { notify: hook.command })] });
  const desk = await openDesk(t, config);
  const vrrp = role(t, desk.runDir, "vrrp", { vrrp_instances: [] });
  vrrp.tell(transition("MASTER"));
  await until("the hook ran", () => hook.lines().length === 1);
  t.deepEqual(hook.lines(), ["INSTANCE VI_1 MASTER 150"]);
  const events = await request({
    runDir: desk.runDir,
    method: "GET",
    path: "/v1/events",
    timeoutMs: 10_000,
  });
  t.deepEqual(events, { ok: true, status: 200, body: [transition("MASTER")] });
  let status = await statusOf(desk.runDir);
  while (status.hooks?.[0]?.running !== null) status = await statusOf(desk.runDir);
  t.like(status.hooks[0].results[0], { hook: "notify", state: "MASTER", ok: true });
});

test("a STOP told in the last moment still runs its hook, and the sockets are gone afterwards", async (t) => {
  const hook = hookScript(t);
  const config = configWith({ vrrpInstances: [instanceConfig("VI_1", { notify: hook.command })] });
  const desk = await openDesk(t, config);
  const vrrp = role(t, desk.runDir, "vrrp", { vrrp_instances: [] });
  await statusOf(desk.runDir);
  vrrp.tell(transition("STOP"));
  await vrrp.flush(5000);
  vrrp.close();
  desk.send({ type: "stop" });
  await desk.exited;
  t.deepEqual(hook.lines(), ["INSTANCE VI_1 STOP 150"]);
  t.false(existsSync(`${desk.runDir}/duet.sock`));
  t.false(existsSync(busPath(desk.runDir)));
});

test("a hook that hangs holds a stop up no longer than the guardian waits", async (t) => {
  const config = configWith({
    vrrpInstances: [instanceConfig("VI_1", { notifyMaster: "/bin/sleep 600" })],
  });
  const desk = await openDesk(t, config);
  const vrrp = role(t, desk.runDir, "vrrp", { vrrp_instances: [] });
  vrrp.tell(transition("MASTER"));
  await until("the hook started", () => desk.log().includes('"hook started"'));
  desk.send({ type: "stop" });
  await desk.exited;
  t.regex(desk.log(), /"hook failed"/);
});

test("the quorum of a virtual server has hooks of its own", async (t) => {
  const hook = hookScript(t);
  const hooks = {
    quorumUp: `${hook.command} up`,
    quorumDown: `${hook.command} down`,
    scriptUser: null,
  };
  const desk = await openDesk(t, configWith({ virtualServers: [virtualServerConfig({ hooks })] }));
  const director = role(t, desk.runDir, "director", { virtual_servers: [] });
  const about = { kind: "quorum", at: "2026-01-01T00:00:00.000Z", virtual_server: "web" } as const;
  director.tell({ ...about, to: "UP", cause: "live weight 1, quorum 1" });
  await until("the first hook ran", () => hook.lines().length === 1);
  director.tell({ ...about, to: "DOWN", cause: "live weight 0, quorum 1" });
  await until("both hooks ran", () => hook.lines().length === 2);
  t.deepEqual(hook.lines(), ["up", "down"]);
});

test("the director hears what the instance of connection sync is, from a desk that was born later too", async (t) => {
  const desk = await openDesk(t, syncConfig());
  const heard = hearInstances(t, desk.runDir);
  const vi1 = { name: "VI_1", state: "BACKUP" };
  const vrrp = role(t, desk.runDir, "vrrp", { vrrp_instances: [vi1] });
  await until("the state of before is told", () => heard.includes("VI_1 BACKUP"));
  // The desk may ask once more, and a role never answers what it was before.
  vi1.state = "MASTER";
  vrrp.tell(transition("MASTER"));
  await until("the transition is told", () => heard.includes("VI_1 MASTER"));
  t.deepEqual(heard, ["VI_1 BACKUP", "VI_1 MASTER"]);
});

test("an instance of connection sync that was too busy to answer is asked again", async (t) => {
  const desk = await openDesk(t, syncConfig());
  const heard = hearInstances(t, desk.runDir);
  let asked = 0;
  const vrrp = openBusClient({
    path: busPath(desk.runDir),
    clock: timeoutClock,
    log: memoryLog().log,
    role: "vrrp",
    status() {
      asked += 1;
      if (asked <= 2) throw new Error("busy");
      return { vrrp_instances: [{ name: "VI_1", state: "BACKUP" }] };
    },
  });
  t.teardown(vrrp.close);
  await until("the state is told", () => heard.length === 1);
  t.deepEqual(heard, ["VI_1 BACKUP"]);
});

test("the hooks of a new configuration are used, also for an instance that it takes away", async (t) => {
  const before = hookScript(t);
  const after = hookScript(t);
  const desk = await openDesk(
    t,
    configWith({
      vrrpInstances: [
        instanceConfig("VI_1", { notify: before.command }),
        instanceConfig("VI_2", { notify: before.command }),
      ],
    }),
  );
  const config = configWith({ vrrpInstances: [instanceConfig("VI_1", { notify: after.command })] });
  desk.send({ type: "configure", sequence: 2, config });
  await until("the answer", () =>
    desk.messages.some((m) => m.type === "configured" && m.sequence === 2),
  );
  const vrrp = role(t, desk.runDir, "vrrp", { vrrp_instances: [] });
  vrrp.tell({ ...transition("STOP"), instance: "VI_2" });
  vrrp.tell(transition("BACKUP"));
  await until("both ran", () => before.lines().length + after.lines().length === 2);
  t.deepEqual(before.lines(), ["INSTANCE VI_2 STOP 150"]);
  t.deepEqual(after.lines(), ["INSTANCE VI_1 BACKUP 150"]);
});

test("a reload is the guardian's to answer: its reasons reach the asker", async (t) => {
  const desk = await openDesk(t, configWith());
  const reply = post(desk.runDir, "/v1/reload");
  await until("the request", () => desk.messages.some(({ type }) => type === "request"));
  const asked = desk.messages.find((message) => message.type === "request");
  t.like(asked, { verb: "reload" });
  const reasons = ["duet.ini:3: Cannot use priority 300"];
  desk.send({ type: "answer", id: asked?.id ?? 0, ok: false, reasons });
  t.deepEqual(await reply, { ok: true, status: 409, body: { ok: false, reasons } });
});

test("who asked to stop hears that it worked, even when the desk is stopped at once", async (t) => {
  const desk = await openDesk(t, configWith());
  const reply = post(desk.runDir, "/v1/stop");
  await until("the request", () => desk.messages.some(({ type }) => type === "request"));
  desk.send({ type: "stop" });
  t.like(await reply, { ok: true, status: 200, body: { ok: true } });
  await desk.exited;
});

test("the desk ends when its guardian disappears", async (t) => {
  const desk = await openDesk(t, configWith());
  const exited = once(desk.child, "exit");
  desk.child.disconnect();
  await exited;
  t.false(existsSync(`${desk.runDir}/duet.sock`));
});

type DeskProcess = {
  readonly runDir: string;
  readonly child: ChildProcess;
  readonly messages: RoleMessage[];
  readonly send: (message: GuardianMessage) => void;
  readonly exited: Promise<unknown>;
  readonly log: () => string;
};

async function openDesk(
  t: ExecutionContext,
  config: Config,
  environment: Readonly<Record<string, string>> = {},
): Promise<DeskProcess> {
  const runDir = temporaryDirectory(t);
  const program = fileURLToPath(new URL("../../duet/main.js", import.meta.url));
  const child = spawn(process.execPath, [program, "--role", "desk"], {
    env: { ...process.env, DUET_RUN_DIR: runDir, DUET_LOG_LEVEL: "debug", ...environment },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const messages: RoleMessage[] = [];
  child.on("message", (message: RoleMessage) => {
    if (message.type !== "heartbeat") messages.push(message);
  });
  const exited = once(child, "close");
  const send = (message: GuardianMessage): void => void child.send(message);
  send({ type: "configure", sequence: 1, config });
  await until("the desk is configured", () => messages.length > 0).catch((error: unknown) =>
    t.fail(`${String(error)}: ${log}`),
  );
  return { runDir, child, messages, send, exited, log: () => log };
}

/** Connection sync follows VI_1. */
function syncConfig(): Config {
  const sync = { instance: "VI_1", interface: "eth1", syncId: 51 };
  return configWith({ vrrpInstances: [instanceConfig("VI_1")], lvs: { ...NO_LVS, sync } });
}

/** What a director is told of instances. */
function hearInstances(t: ExecutionContext, runDir: string): readonly string[] {
  const heard: string[] = [];
  const director = openBusClient({
    path: busPath(runDir),
    role: "director",
    status: () => ({ virtual_servers: [] }),
    onInstance: (name, state) => void heard.push(`${name} ${state}`),
    clock: timeoutClock,
    log: memoryLog().log,
  });
  t.teardown(director.close);
  return heard;
}

function role(t: ExecutionContext, runDir: string, name: BusRole, body: unknown): BusClient {
  const client = openBusClient({
    path: busPath(runDir),
    role: name,
    status: () => body,
    clock: timeoutClock,
    log: memoryLog().log,
  });
  t.teardown(client.close);
  return client;
}

function hookScript(t: ExecutionContext): {
  readonly command: string;
  readonly lines: () => string[];
} {
  const directory = temporaryDirectory(t);
  const command = `${directory}/hook.sh`;
  writeFileSync(command, `#!/bin/sh\necho "$@" >> ${directory}/told\n`, { mode: 0o755 });
  return {
    command,
    lines: () =>
      existsSync(`${directory}/told`)
        ? readFileSync(`${directory}/told`, "utf8").split("\n").slice(0, -1)
        : [],
  };
}

function bothRoles(): Config {
  return configWith({
    vrrpInstances: [instanceConfig("VI_1")],
    virtualServers: [virtualServerConfig()],
  });
}

function transition(to: "MASTER" | "BACKUP" | "STOP"): Event & { readonly kind: "instance_state" } {
  return {
    kind: "instance_state",
    at: "2026-01-01T00:00:00.000Z",
    instance: "VI_1",
    from: "BACKUP",
    to,
    cause: "test",
    priority: 150,
  };
}

async function statusOf(runDir: string): Promise<Status> {
  const reply = await request({ runDir, method: "GET", path: "/v1/status", timeoutMs: 10_000 });
  if (!reply.ok) throw new Error(reply.detail);
  return reply.body as Status;
}

async function post(runDir: string, path: string): ReturnType<typeof request> {
  return request({ runDir, method: "POST", path, timeoutMs: 10_000 });
}
