import { statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import type { Event } from "../../src/control/events.ts";
import { type BusServer, openBusServer } from "../../src/daemon/desk/bus-server.ts";
import { type BusClient, openBusClient } from "../../src/daemon/process/bus.ts";
import { openLineReader } from "../../src/daemon/process/bus-lines.ts";
import { decodeDeskToRole, decodeRoleToDesk } from "../../src/daemon/process/bus-messages.ts";
import { nowMs, timeoutClock } from "../../src/lib/clock.ts";
import { memoryLog, temporaryDirectory } from "../helpers/sockets.ts";
import { until } from "../helpers/until.ts";
import { PATIENCE_MS } from "../helpers/wait.ts";

test("an event that a role tells reaches the desk, in order", async (t) => {
  const { path } = bench(t);
  const { events } = await desk(t, path);
  const client = role(t, path);
  for (let n = 0; n < 50; n++) client.tell(event(n));
  await until("50 events", () => events.length === 50);
  t.deepEqual(events, numbered(0, 50));
});

test("events told before the desk is born arrive once it listens", async (t) => {
  const { path } = bench(t);
  const client = role(t, path);
  client.tell(event(1));
  client.tell(event(2));
  const { events } = await desk(t, path);
  await until("2 events", () => events.length === 2);
  t.deepEqual(events, [event(1), event(2)]);
});

test("a role reconnects to a desk that was restarted, and loses nothing told meanwhile", async (t) => {
  const { path } = bench(t);
  const first = await desk(t, path);
  const client = role(t, path);
  client.tell(event(1));
  await until("event 1", () => first.events.length === 1);
  first.server.close();
  await until("the connection ends", () => first.server !== undefined && !isListening(path));
  client.tell(event(2));
  const second = await desk(t, path);
  client.tell(event(3));
  await until("2 events", () => second.events.length >= 2);
  t.deepEqual(second.events, [event(2), event(3)]);
});

test("what BFD sessions are goes by the desk from vrrp to the director, as it comes", async (t) => {
  const { path } = bench(t);
  await desk(t, path);
  const heard: unknown[] = [];
  const onSessions = (teller: number, sessions: unknown): void =>
    void heard.push([teller, sessions]);
  role(t, path, { role: "director", onSessions });
  const vrrp = role(t, path, { role: "vrrp" });
  const up = [{ name: "peer", up: true, detail: "Up" }];
  // What is said before both are there is lost, and said again.
  await until("the director to hear", () => {
    if (heard.length === 0) vrrp.tellSessions({ type: "sessions", teller: 7, sessions: up });
    return heard.length > 0;
  });
  t.deepEqual(heard[0], [7, up]);
});

test("the queue of a role is bounded: the oldest events go, and their number is said", async (t) => {
  const { path } = bench(t);
  const { log, lines } = memoryLog();
  const client = role(t, path, { log });
  for (let n = 0; n < 1300; n++) client.tell(event(n));
  const { events } = await desk(t, path);
  await until("the newest event", () => events.some(({ at }) => at === "1299"));
  t.deepEqual(events, numbered(300, 1300));
  t.deepEqual(
    lines
      .filter(({ msg }) => msg === "events dropped while the desk was away")
      .map((l) => l["dropped"]),
    [300],
  );
});

test("status() brings the body of the role that was asked", async (t) => {
  const { path } = bench(t);
  const { server } = await desk(t, path);
  role(t, path, { status: () => ({ from: "vrrp" }) });
  role(t, path, { role: "director", status: () => ({ from: "director" }) });
  // The questions wait for roles that are still connecting.
  const answers = await Promise.all([
    server.status("vrrp", PATIENCE_MS),
    server.status("director", PATIENCE_MS),
  ]);
  t.deepEqual(answers, [{ from: "vrrp" }, { from: "director" }]);
});

test("status() carries a body of several megabytes", async (t) => {
  const { path } = bench(t);
  const { server } = await desk(t, path);
  const body = { names: Array.from({ length: 200_000 }, (_, i) => `server-${i}-é`) };
  role(t, path, { status: () => body });
  t.deepEqual(await server.status("vrrp", 20_000), body);
});

test("status() ends with undefined when the role is not there, or does not answer in time", async (t) => {
  const { path } = bench(t);
  const { server } = await desk(t, path);
  t.is(await server.status("vrrp", 30), undefined);
  const mute = connect(path);
  t.teardown(() => mute.destroy());
  mute.write('{"type":"hello","role":"vrrp"}\n');
  const startedMs = nowMs();
  t.is(await server.status("vrrp", 50), undefined);
  t.true(nowMs() - startedMs >= 49);
});

test("a status that throws is logged and leaves the connection and its events alone", async (t) => {
  const { path } = bench(t);
  const { log, lines } = memoryLog();
  const { server, events } = await desk(t, path);
  const client = role(t, path, {
    log,
    status() {
      throw new Error("boom");
    },
  });
  // The question is asked as soon as the role connects; nobody answers it.
  const answer = server.status("vrrp", PATIENCE_MS);
  await until("the log line", () => lines.some(({ msg }) => msg === "status failed"));
  t.is(await answer, undefined);
  client.tell(event(1));
  await until("event 1", () => events.length === 1);
  t.pass();
});

test("a second hello of a role takes the place of the first", async (t) => {
  const { path } = bench(t);
  const { server } = await desk(t, path);
  const old = connect(path);
  old.write('{"type":"hello","role":"vrrp"}\n');
  const ended = new Promise((resolve) => old.on("close", resolve));
  old.resume();
  await server.status("vrrp", 20);
  role(t, path, { status: () => "new" });
  await ended;
  t.is(await server.status("vrrp", PATIENCE_MS), "new");
});

for (const [what, line] of [
  ["bad JSON", "{not json"],
  ["a message of no known type", '{"type":"shutdown"}'],
  ["an event of no known kind", '{"type":"event","event":{"kind":"toString"}}'],
  ["a hello of no known role", '{"type":"hello","role":"guardian"}'],
] as const) {
  test(`${what} closes that connection and no other`, async (t) => {
    const { path } = bench(t);
    const { server, events } = await desk(t, path);
    const good = role(t, path, { status: () => "fine" });
    t.is(await server.status("vrrp", PATIENCE_MS), "fine");
    const bad = connect(path).resume();
    const ended = new Promise((resolve) => bad.on("close", resolve));
    bad.write(`${line}\n`);
    await ended;
    good.tell(event(7));
    await until("event 7", () => events.length === 1);
    t.is(await server.status("vrrp", PATIENCE_MS), "fine");
  });
}

test("flush() resolves when the system took every event, so that the process may exit", async (t) => {
  const { path } = bench(t);
  const { events } = await desk(t, path);
  const client = role(t, path);
  for (let n = 0; n < 300; n++) client.tell(event(n));
  await client.flush(10_000);
  client.close();
  await until("300 events", () => events.length === 300);
  t.pass();
});

test("flush() gives up after its limit when no desk listens", async (t) => {
  const { path } = bench(t);
  const client = role(t, path);
  await client.flush(10_000); // Nothing waits: at once.
  client.tell(event(1));
  const startedMs = nowMs();
  await client.flush(40);
  const tookMs = nowMs() - startedMs;
  t.true(tookMs >= 39);
});

test("ended() waits for the role to leave, and its last events are taken by then", async (t) => {
  const { path } = bench(t);
  const { server, events } = await desk(t, path);
  const client = role(t, path, { status: () => 1 });
  t.is(await server.status("vrrp", PATIENCE_MS), 1);
  for (let n = 0; n < 100; n++) client.tell(event(n));
  await client.flush(PATIENCE_MS);
  client.close();
  await server.ended("vrrp", PATIENCE_MS);
  t.is(events.length, 100);
});

test("tell() neither throws nor blocks when the desk does not read, and the queue stays bounded", async (t) => {
  const { path } = bench(t);
  const held: Socket[] = [];
  const wall = createServer((socket) => {
    socket.pause();
    held.push(socket);
  });
  await new Promise<void>((resolve) => void wall.listen(path, resolve));
  t.teardown(() => {
    for (const socket of held) socket.destroy();
    wall.close();
  });
  const { log } = memoryLog();
  const client = role(t, path, { log });
  await until("the connection", () => held.length === 1);
  const cause = "x".repeat(2000);
  for (let n = 0; n < 5000; n++) client.tell({ ...event(n), cause });
  // Reading again shows what was kept: what had gone out before, and the newest of the rest.
  let text = "";
  held[0]?.resume().on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await until("the newest event", () => text.includes('"at":"4999"'));
  t.true(text.split("\n").length < 2100);
});

test("the socket is for its owner alone, and a stale one is replaced", async (t) => {
  const { path } = bench(t);
  const stale = await desk(t, path);
  t.is(statSync(path).mode & 0o777, 0o600);
  const { server, events } = await desk(t, path);
  const client = role(t, path, { status: () => "second" });
  t.is(await server.status("vrrp", PATIENCE_MS), "second");
  client.tell(event(1));
  await until("event 1", () => events.length === 1);
  t.is(stale.events.length, 0);
});

test("a file that is no socket is not replaced", async (t) => {
  const { path } = bench(t);
  writeFileSync(path, "precious");
  await t.throwsAsync(desk(t, path), { message: /^Cannot listen on ".*bus\.sock"$/ });
});

test("a path too long for a socket is refused in clear words", async (t) => {
  const path = `/tmp/${"d".repeat(120)}/bus.sock`;
  await t.throwsAsync(desk(t, path), { message: /107 bytes/ });
});

test("openLineReader() cuts the same lines however the stream was chunked", (t) => {
  const text = fc.array(fc.stringMatching(/^[a-zé{}"]{0,9}$/), { maxLength: 12 });
  fc.assert(
    fc.property(
      text,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (lines, sizes) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const seen: string[] = [];
        const reader = openLineReader({ limitBytes: 100, onLine: (line) => seen.push(line) > 0 });
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          t.true(reader.give(bytes.subarray(at, at + size)));
          at += size;
        }
        t.deepEqual(seen, lines);
      },
    ),
  );
});

test("openLineReader() refuses a line beyond the limit, ended or not", (t) => {
  const reader = () => openLineReader({ limitBytes: 4, onLine: () => true });
  t.true(reader().give(Buffer.from("1234\n1234\n1234")));
  t.false(reader().give(Buffer.from("12345")));
  t.false(reader().give(Buffer.from("12345\n")));
  const slow = reader();
  t.true(slow.give(Buffer.from("123")));
  t.false(slow.give(Buffer.from("45")));
});

test("decodeRoleToDesk() and decodeDeskToRole() judge any value without throwing", (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      t.notThrows(() => [decodeRoleToDesk(value), decodeDeskToRole(value)]);
    }),
  );
});

function bench(t: ExecutionContext): { readonly path: string } {
  return { path: `${temporaryDirectory(t)}/bus.sock` };
}

async function desk(
  t: ExecutionContext,
  path: string,
): Promise<{ readonly server: BusServer; readonly events: Event[] }> {
  const events: Event[] = [];
  const server = await openBusServer({
    path,
    onEvent: (event) => events.push(event),
    clock: timeoutClock,
    log: memoryLog().log,
  });
  t.teardown(server.close);
  return { server, events };
}

function role(
  t: ExecutionContext,
  path: string,
  options: Partial<Parameters<typeof openBusClient>[0]> = {},
): BusClient {
  const client = openBusClient({
    waitingMax: 1000,
    path,
    role: "vrrp",
    status: () => ({}),
    clock: timeoutClock,
    log: memoryLog().log,
    ...options,
  });
  t.teardown(client.close);
  return client;
}

function isListening(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function event(n: number): Event & { readonly kind: "quorum" } {
  return { kind: "quorum", at: String(n), virtual_server: "web", to: "UP", cause: "test" };
}

function numbered(from: number, to: number): Event[] {
  return Array.from({ length: to - from }, (_, i) => event(from + i));
}
