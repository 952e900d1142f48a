import test, { type ExecutionContext } from "ava";
import type { Event } from "../../src/control/events.ts";
import { eventMail } from "../../src/desk/event-mail.ts";
import { type MailConfig, type Mailer, openMailer } from "../../src/desk/mailer.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { openSmtpServer, type SmtpServer } from "../helpers/smtp-server.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { until } from "../helpers/until.ts";

const at = "2026-01-01T00:00:00.000Z";
const names = {
  virtualServer: () => "[10.0.0.1]:tcp:80",
  realServer: () => "[10.0.1.1]:tcp:80",
};

async function place(t: ExecutionContext): Promise<{
  readonly smtp: SmtpServer;
  readonly mailer: Mailer;
  readonly config: MailConfig;
  readonly logged: readonly Record<string, unknown>[];
}> {
  const smtp = await openSmtpServer();
  const { log, lines: logged } = memoryLog();
  const mailer = openMailer({ clock: timeoutClock, log });
  t.teardown(async () => {
    await mailer.close(0);
    smtp.close();
  });
  const config: MailConfig = {
    to: ["ops@example.com", "Night <night@example.com>"],
    from: "duet@lb1.example.com",
    host: "127.0.0.1",
    port: smtp.port,
    heloName: "lb1.example.com",
    connectTimeoutMs: 5000,
  };
  return { smtp, mailer, config, logged };
}

test("a transition arrives as a mail at everybody's, by plain SMTP", async (t) => {
  const { smtp, mailer, config } = await place(t);
  mailer.configure(config);
  const event: Event = {
    kind: "instance_state",
    at,
    instance: "VI_1",
    from: "BACKUP",
    to: "MASTER",
    cause: "master_down_timer",
    priority: 150,
  };
  const mail = eventMail(event, "lb1", names);
  if (mail === null) return t.fail("no mail");
  mailer.send(mail);
  await until("the mail", () => smtp.received.length === 1);
  const [got] = smtp.received;
  t.is(got?.helo, "lb1.example.com");
  t.regex(got?.from ?? "", /<duet@lb1\.example\.com>/);
  t.is(got?.to.length, 2);
  t.regex(got?.data ?? "", /^Subject: \[lb1\] VRRP Instance VI_1 - Entering MASTER state$/m);
  t.regex(got?.data ?? "", /^From: duet@lb1\.example\.com$/m);
  t.regex(got?.data ?? "", /BACKUP -> MASTER[^]*Cause: master_down_timer/);
  t.deepEqual(mailer.status(), { sent: 1, waiting: 0, lost: 0 });
});

test("a server that does not take it now gets it again", async (t) => {
  const { smtp, mailer, config, logged } = await place(t);
  mailer.configure(config);
  smtp.refuse(1);
  mailer.send({ subject: "one", text: "x" });
  await until("the mail", () => smtp.received.length === 1, 10_000);
  t.like(
    logged.find(({ msg }) => msg === "mail not sent yet"),
    { subject: "one", delay_ms: 1000 },
  );
});

test("close() waits for what is on its way, and says what was lost", async (t) => {
  const { smtp, mailer, config, logged } = await place(t);
  mailer.configure(config);
  mailer.send({ subject: "last", text: "x" });
  await mailer.close(5000);
  t.is(smtp.received.length, 1);
  const second = await place(t);
  second.smtp.close();
  second.mailer.configure(second.config);
  second.mailer.send({ subject: "never", text: "x" });
  await second.mailer.close(200);
  t.like(second.logged.at(-1), { msg: "mail lost at the end", subject: "never" });
  t.false(logged.some(({ msg }) => msg === "mail lost at the end"));
});

test("nothing is sent, and no library loaded, without a configuration", async (t) => {
  const { log } = memoryLog();
  const mailer = openMailer({
    clock: timeoutClock,
    log,
    post: async () => Promise.reject(t.fail("posted")),
  });
  mailer.send({ subject: "x", text: "" });
  t.deepEqual(mailer.status(), { sent: 0, waiting: 0, lost: 0 });
  await mailer.close(0);
});

for (const [event, subject] of [
  [
    { kind: "group_state", at, group: "G1", from: "BACKUP", to: "FAULT", cause: "x" },
    "VRRP Group G1 - Entering FAULT state",
  ],
  [
    {
      kind: "instance_state",
      at,
      instance: "V",
      from: "MASTER",
      to: "STOP",
      cause: "x",
      priority: 1,
    },
    "VRRP Instance V - Stopping",
  ],
  [
    { kind: "quorum", at, virtual_server: "web", to: "DOWN", cause: "x" },
    "Virtualserver [10.0.0.1]:tcp:80 - DOWN",
  ],
  [
    {
      kind: "real_server_state",
      at,
      virtual_server: "web",
      real_server: "rs1",
      to: "UP",
      cause: "x",
    },
    "Realserver [10.0.1.1]:tcp:80 of virtual server [10.0.0.1]:tcp:80 - UP",
  ],
] as const satisfies readonly (readonly [Event, string])[]) {
  test(`eventMail() of ${event.kind} ${event.to}`, (t) => {
    t.is(eventMail(event, "lb1", names)?.subject, `[lb1] ${subject}`);
  });
}
