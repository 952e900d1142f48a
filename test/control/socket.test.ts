import { statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createServer } from "node:net";
import test, { type ExecutionContext } from "ava";
import { request } from "../../src/control/client.ts";
import type { Event } from "../../src/control/events.ts";
import { type ControlHandlers, openControlServer } from "../../src/control/server.ts";
import type { Status } from "../../src/control/status.ts";
import { memoryLog, temporaryDirectory } from "../helpers/sockets.ts";
import { until } from "../helpers/until.ts";

const status: Status = {
  version: "1.2.3",
  router_id: "lb1",
  uptime_s: 1,
  processes: [],
  vrrp_instances: [],
  vrrp_sync_groups: [],
  virtual_servers: [],
  degraded: [],
};

const quorum: Event = { kind: "quorum", at: "", virtual_server: "web", to: "UP", cause: "test" };

test("GET /v1/status gives the status as JSON", async (t) => {
  const runDir = await server(t);
  t.deepEqual(await get(runDir, "/v1/status"), { ok: true, status: 200, body: status });
});

test("GET /v1/events passes the limit on, and judges it", async (t) => {
  const limits: (number | undefined)[] = [];
  const runDir = await server(t, {
    events(limit) {
      limits.push(limit);
      return [quorum];
    },
  });
  t.deepEqual(await get(runDir, "/v1/events"), { ok: true, status: 200, body: [quorum] });
  await get(runDir, "/v1/events?limit=5");
  t.deepEqual(limits, [undefined, 5]);
  t.deepEqual(await get(runDir, "/v1/events?limit=-1"), {
    ok: true,
    status: 400,
    body: { error: 'Cannot use limit "-1": it must be a whole number' },
  });
  t.is(limits.length, 2);
});

test("POST /v1/reload and /v1/stop answer 200 when done and 409 with the reasons when refused", async (t) => {
  const runDir = await server(t, {
    request: async (verb) =>
      verb === "stop" ? { ok: true, reasons: [] } : { ok: false, reasons: ["a.ini:3: bad"] },
  });
  t.deepEqual(await post(runDir, "/v1/stop"), {
    ok: true,
    status: 200,
    body: { ok: true, reasons: [] },
  });
  t.deepEqual(await post(runDir, "/v1/reload"), {
    ok: true,
    status: 409,
    body: { ok: false, reasons: ["a.ini:3: bad"] },
  });
});

test("an unknown path is 404, a wrong method 405 with Allow, both with a JSON error", async (t) => {
  const runDir = await server(t);
  const unknown = await get(runDir, "/v1/nothing");
  t.like(unknown, { ok: true, status: 404 });
  t.regex(JSON.stringify(unknown), /"error":"Cannot find/);
  t.like(await get(runDir, "/v1/reload"), {
    status: 405,
    body: { error: 'Cannot use GET on "/v1/reload": it must be POST' },
  });
  t.is(await allowHeader(runDir, "/v1/status"), "GET");
});

test("a handler that throws is 500 with its reason, and the server goes on", async (t) => {
  const runDir = await server(t, {
    async status() {
      throw new Error("Cannot ask");
    },
  });
  t.like(await get(runDir, "/v1/status"), { status: 500, body: { error: "Cannot ask" } });
  t.like(await get(runDir, "/v1/events"), { status: 200 });
});

test("close() lets an answer that is under way reach its asker, and removes the socket", async (t) => {
  const runDir = temporaryDirectory(t);
  let isAsked = false;
  let finish = (): void => {};
  const control = await openControlServer({
    runDir,
    log: memoryLog().log,
    handlers: handlers({
      request: async () => {
        isAsked = true;
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return { ok: true, reasons: [] };
      },
    }),
  });
  const reply = post(runDir, "/v1/stop");
  await until("the request", () => isAsked);
  const closed = control.close();
  finish();
  t.like(await reply, { ok: true, status: 200 });
  await closed;
  t.is(statSync(`${runDir}/duet.sock`, { throwIfNoEntry: false }), undefined);
});

test("the control socket is for its owner alone", async (t) => {
  const runDir = await server(t);
  t.is(statSync(`${runDir}/duet.sock`).mode & 0o777, 0o600);
});

test("request() tells apart: not running, no answer in time, an answer that is no JSON", async (t) => {
  const runDir = temporaryDirectory(t);
  t.like(await get(runDir, "/v1/status"), { ok: false, reason: "not_running" });
  t.like(await get(`${runDir}/missing`, "/v1/status"), { ok: false, reason: "not_running" });

  const answers = ["", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc"];
  const other = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write(answers.shift() ?? ""));
  });
  await new Promise<void>((resolve) => void other.listen(`${runDir}/duet.sock`, resolve));
  t.teardown(() => other.close());
  const slow = await request({ runDir, method: "GET", path: "/v1/status", timeoutMs: 50 });
  t.deepEqual(slow, { ok: false, reason: "timeout", detail: "no answer in 50 ms" });
  t.like(await get(runDir, "/v1/status"), { ok: false, reason: "bad_answer" });
});

async function server(t: ExecutionContext, given: Partial<ControlHandlers> = {}): Promise<string> {
  const runDir = temporaryDirectory(t);
  const control = await openControlServer({
    runDir,
    handlers: handlers(given),
    log: memoryLog().log,
  });
  t.teardown(async () => {
    control.closeAll();
    await control.close();
  });
  return runDir;
}

function handlers(given: Partial<ControlHandlers>): ControlHandlers {
  return {
    status: async () => status,
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
}

type Reply = Awaited<ReturnType<typeof request>>;

async function get(runDir: string, path: string): Promise<Reply> {
  return request({ runDir, method: "GET", path, timeoutMs: 10_000 });
}

async function post(runDir: string, path: string): Promise<Reply> {
  return request({ runDir, method: "POST", path, timeoutMs: 10_000 });
}

async function allowHeader(runDir: string, path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socketPath = `${runDir}/duet.sock`;
    httpRequest({ socketPath, method: "POST", path }, (response) => {
      response.resume();
      resolve(response.headers.allow);
    })
      .on("error", reject)
      .end();
  });
}
