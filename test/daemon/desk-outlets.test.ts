import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as immediate } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import type { Config, VirtualServerConfig } from "../../src/config/model.ts";
import type { Event } from "../../src/control/events.ts";
import { type Outlets, openOutlets } from "../../src/daemon/desk/outlets.ts";
import { type DegradedBook, openDegradedBook } from "../../src/daemon/process/degraded-book.ts";
import type { Post } from "../../src/desk/post-by-smtp.ts";
import { type Clock, timeoutClock } from "../../src/lib/clock.ts";
import { configWith, instanceConfig, masterInstance } from "../helpers/desk-fixtures.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { realServerConfig, virtualServerConfig } from "../helpers/virtual-server.ts";

const at = "2026-01-01T00:00:00.000Z";
const web = virtualServerConfig({
  keys: [{ kind: "address", protocol: "tcp", address: "fd00::1", port: 80 }],
  realServers: [1, 2].map((n) => ({
    ...realServerConfig(`rs${n}`, ""),
    destination: { address: `fd00::1:${n}`, port: 8080, forward: "NAT", weight: 1 },
    smtpAlert: n === 1,
  })),
  alerts: { to: ["a@example.com"], repeatMs: 0, phases: ["starting", "running"] },
});
const marked: VirtualServerConfig = {
  ...web,
  name: "marked",
  keys: [{ kind: "fwmark", fwmark: 99, family: 6 }],
  smtpAlert: true,
};

type Place = {
  readonly outlets: Outlets;
  readonly degraded: DegradedBook;
  readonly config: Config;
  readonly subjects: readonly string[];
  /** What is in the FIFO now. */
  readonly read: () => Promise<string>;
};

function place(
  t: ExecutionContext,
  mailFaults = true,
  other: { clock?: Clock; post?: Post } = {},
): Place {
  const dir = mkdtempSync(join(tmpdir(), "duet-outlets-"));
  const path = join(dir, "f");
  const subjects: string[] = [];
  const mail = {
    to: ["a@example.com"],
    from: "b@example.com",
    host: "x",
    port: 25,
    heloName: null,
    connectTimeoutMs: 1,
  };
  const basis = configWith({
    vrrpInstances: [
      instanceConfig("LOUD", { smtpAlert: true, priorityChanges: true }),
      instanceConfig("QUIET"),
    ],
    virtualServers: [web, marked],
  });
  const fifo = { about: "all", path, owner: null, script: null } as const;
  const config = { ...basis, notify: { ...basis.notify, mail, mailFaults, fifos: [fifo] } };
  const degraded = openDegradedBook({ log: memoryLog().log, tell: () => {} });
  const post: Post = async (_, to, { subject }) => {
    subjects.push(to[0] === "a@example.com" ? subject : `${to.join()}: ${subject}`);
    return Promise.resolve();
  };
  const outlets = openOutlets(
    { clock: timeoutClock, log: memoryLog().log, degraded, post, ...other },
    config,
  );
  t.teardown(async () => {
    await outlets.close(100);
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    outlets,
    degraded,
    config,
    subjects,
    async read() {
      const file = await open(path, "r+");
      const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, 65_536);
      await file.close();
      return buffer.toString("latin1", 0, bytesRead);
    },
  };
}

function became(instance: string, to: "MASTER" | "FAULT" | "STOP"): Event {
  return { kind: "instance_state", at, instance, from: "BACKUP", to, cause: "x", priority: 7 };
}

test("lines of virtual and real servers name addresses as keepalived does", async (t) => {
  const { outlets, read } = place(t);
  for (const virtual_server of ["web", "marked"]) {
    outlets.onEvent({ kind: "quorum", at, virtual_server, to: "UP", cause: "x" });
    outlets.onEvent({
      kind: "real_server_state",
      at,
      virtual_server,
      real_server: "rs2",
      to: "DOWN",
      cause: "x",
    });
  }
  t.is(
    await read(),
    "VS [fd00::1]:tcp:80 UP\nRS [fd00::1:2]:tcp:8080 [fd00::1]:tcp:80 DOWN\n" +
      "VS FWM 99 UP\nRS [fd00::1:2]:none:8080 FWM 99 DOWN\n",
  );
});

test("a priority is told for the instances that say so", async (t) => {
  const { outlets, read } = place(t);
  for (const instance of ["LOUD", "QUIET"]) {
    outlets.onEvent({ kind: "priority", at, instance, state: "BACKUP", from: 9, to: 8 });
  }
  t.is(await read(), 'INSTANCE "LOUD" BACKUP_PRIORITY 8\n');
});

test("smtp_alert says what is mailed", async (t) => {
  const { outlets, subjects } = place(t);
  for (const name of ["LOUD", "QUIET"]) outlets.onEvent(became(name, "MASTER"));
  for (const virtual_server of ["web", "marked"]) {
    outlets.onEvent({ kind: "quorum", at, virtual_server, to: "DOWN", cause: "x" });
  }
  for (const real_server of ["rs1", "rs2"]) {
    const event = { kind: "real_server_state", at, virtual_server: "web", real_server } as const;
    outlets.onEvent({ ...event, to: "UP", cause: "x" });
  }
  outlets.onEvent(became("LOUD", "FAULT"));
  await outlets.close(5000);
  t.deepEqual(subjects, [
    "[lb1] VRRP Instance LOUD - Entering MASTER state",
    "[lb1] Virtualserver FWM 99 - DOWN",
    "[lb1] Realserver [fd00::1:1]:tcp:8080 of virtual server [fd00::1]:tcp:80 - UP",
    "[lb1] VRRP Instance LOUD - Entering FAULT state",
  ]);
});

test("a mail that waits for its server is a reason, with whose it is and why, until it is gone", async (t) => {
  const { clock, advance } = virtualClock();
  let refusal: string | null = "550 no such user";
  const post: Post = async () => {
    if (refusal !== null) throw new Error(refusal);
    return Promise.resolve();
  };
  const { outlets, degraded } = place(t, true, { clock, post });
  outlets.onEvent(became("LOUD", "MASTER"));
  for (let s = 0; s < 20; s += 1) {
    await immediate();
    advance(1000);
  }
  const [reason] = degraded.list();
  t.like(reason, { kind: "mail_undelivered", subject: "a@example.com" });
  t.is(reason?.text, "waits: 550 no such user");
  refusal = null;
  for (let s = 0; s < 60; s += 1) {
    await immediate();
    advance(1000);
  }
  t.deepEqual(degraded.list(), []);
});

test("email_alert_status and notification_email of a virtual server say when, and who", async (t) => {
  const { outlets, config, subjects } = place(t);
  const event = {
    kind: "real_server_state",
    at,
    virtual_server: "web",
    real_server: "rs1",
    cause: "x",
  } as const;
  outlets.onEvent({ ...event, to: "UP", phase: "starting" });
  outlets.onEvent({ ...event, to: "DOWN", phase: "reloading" });
  outlets.onEvent({ ...event, to: "DOWN", phase: "stopping" });
  const own = { ...web, alerts: { ...web.alerts, to: ["x@example.com", "y@example.com"] } };
  outlets.configure({ ...config, virtualServers: [own] });
  outlets.onEvent({ ...event, kind: "real_server_still_down", since: at });
  await outlets.close(5000);
  const server = "Realserver [fd00::1:1]:tcp:8080 of virtual server [fd00::1]:tcp:80";
  t.deepEqual([...subjects].sort(), [
    `[lb1] ${server} - UP`,
    `x@example.com,y@example.com: [lb1] ${server} - still DOWN`,
  ]);
});

test("no_email_faults: a FAULT is not mailed", async (t) => {
  const { outlets, subjects } = place(t, false);
  outlets.onEvent(became("LOUD", "FAULT"));
  await outlets.close(5000);
  t.deepEqual(subjects, []);
});

test("what a reload took away is still mailed its last word", async (t) => {
  const { outlets, config, subjects } = place(t);
  outlets.configure({ ...config, vrrpInstances: [] });
  outlets.onEvent(became("LOUD", "STOP"));
  await outlets.close(5000);
  t.deepEqual(subjects, ["[lb1] VRRP Instance LOUD - Stopping"]);
});

test("fifo_write_vrrp_states_on_reload: states as the status has them", async (t) => {
  const { outlets, read } = place(t);
  outlets.tellStates({
    vrrp_instances: [masterInstance, { ...masterInstance, name: "I", state: "INIT" }],
    vrrp_sync_groups: [{ name: "G1", state: "BACKUP", members: [] }],
  });
  t.is(await read(), 'INSTANCE "VI_1" MASTER 90\nGROUP "G1" BACKUP 0\n');
});
