import { type AddressInfo, createServer } from "node:net";
import test, { type ExecutionContext } from "ava";
import type { Event } from "../../src/control/events.ts";
import type { Mail } from "../../src/desk/digest.ts";
import { eventMail } from "../../src/desk/event-mail.ts";
import { type Mailer, openMailer } from "../../src/desk/mailer.ts";
import { type MailServer, type Post, postBySmtp } from "../../src/desk/post-by-smtp.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { openSmtpServer, type SmtpServer } from "../helpers/smtp-server.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { until } from "../helpers/until.ts";

const TO = ["ops@example.com", "Night <night@example.com>"];
const at = "2026-01-01T00:00:00.000Z";
const names = {
  virtualServer: () => "[10.0.0.1]:tcp:80",
  realServer: () => "[10.0.1.1]:tcp:80",
};

async function place(t: ExecutionContext): Promise<{
  readonly smtp: SmtpServer;
  readonly mailer: Mailer;
  readonly server: MailServer;
  readonly logged: readonly Record<string, unknown>[];
}> {
  const smtp = await openSmtpServer();
  const { log, lines: logged } = memoryLog();
  const mailer = openMailer({ clock: timeoutClock, log });
  t.teardown(async () => {
    await mailer.close(0);
    smtp.close();
  });
  const server: MailServer = {
    from: "duet@lb1.example.com",
    host: "127.0.0.1",
    port: smtp.port,
    heloName: "lb1.example.com",
    connectTimeoutMs: 5000,
  };
  return { smtp, mailer, server, logged };
}

function mailOf(subject: string): Mail {
  return { subject, text: "x", about: "event", line: `line ${subject}`, node: "lb1" };
}

test("who has no @ is asked for as he is written, and gets his mail", async (t) => {
  const { smtp, mailer, server } = await place(t);
  mailer.configure({ ...server, from: "duet" });
  mailer.send(mailOf("local"), ["root", "Night <night>", "ops@example.com"]);
  await until("the mail", () => smtp.received.length === 1);
  const [got] = smtp.received;
  t.regex(got?.from ?? "", /<duet>/);
  t.deepEqual(
    got?.to.map((line) => /<[^>]*>/.exec(line)?.[0]),
    ["<root>", "<night>", "<ops@example.com>"],
  );
});

test("eventMail(): what a server said moves no cursor and begins no line", (t) => {
  const mail = eventMail(
    {
      kind: "real_server_state",
      at,
      virtual_server: "web",
      real_server: "rs1",
      to: "DOWN",
      cause: "no_match\u001b[2J\nCause: nothing\u202e",
    },
    "lb1",
    names,
  );
  t.notRegex(mail?.text.replaceAll("\n", "") ?? "\u001b", /[\p{Cc}\p{Bidi_Control}]/u);
  t.is(mail?.text.split("\n").filter((line) => line.startsWith("Cause: ")).length, 1);
  t.notRegex(`${mail?.line}${mail?.subject}`, /[\p{Cc}\p{Bidi_Control}]/u);
});

test("a transition arrives as a mail at everybody's, by plain SMTP", async (t) => {
  const { smtp, mailer, server } = await place(t);
  mailer.configure(server);
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
  mailer.send(mail, TO);
  await until("the mail", () => smtp.received.length === 1);
  const [got] = smtp.received;
  t.is(got?.helo, "lb1.example.com");
  t.regex(got?.from ?? "", /<duet@lb1\.example\.com>/);
  t.is(got?.to.length, 2);
  t.regex(got?.data ?? "", /^Subject: \[lb1\] VRRP Instance VI_1 - Entering MASTER state$/m);
  t.regex(got?.data ?? "", /^From: duet@lb1\.example\.com$/m);
  t.regex(got?.data ?? "", /BACKUP -> MASTER[^]*Cause: master_down_timer/);
  // The server has it before its last answer is here.
  await until("the answer", () => mailer.status().waiting === 0);
  t.deepEqual(mailer.status(), { sent: 1, waiting: 0, lost: 0 });
});

test("a server that does not take it now gets it again", async (t) => {
  const { smtp, mailer, server, logged } = await place(t);
  mailer.configure(server);
  smtp.refuse(1);
  mailer.send(mailOf("one"), TO);
  await until("the mail", () => smtp.received.length === 1);
  t.like(
    logged.find(({ msg }) => msg === "mail not sent yet"),
    { subject: "one", delay_ms: 1000 },
  );
});

test("close() waits for what is on its way, and says what was lost", async (t) => {
  const { smtp, mailer, server, logged } = await place(t);
  mailer.configure(server);
  mailer.send(mailOf("last"), TO);
  await mailer.close(5000);
  t.is(smtp.received.length, 1);
  const second = await place(t);
  second.smtp.close();
  second.mailer.configure(second.server);
  second.mailer.send(mailOf("never"), TO);
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
  mailer.send(mailOf("x"), TO);
  t.deepEqual(mailer.status(), { sent: 0, waiting: 0, lost: 0 });
  await mailer.close(0);
});

test("a thousand servers that go DOWN at once are one mail", async (t) => {
  const { smtp, mailer, server } = await place(t);
  mailer.configure(server);
  for (let n = 0; n < 1000; n += 1) {
    const event: Event = {
      kind: "real_server_state",
      at,
      virtual_server: "web",
      real_server: `rs${n}`,
      to: "DOWN",
      cause: "port: connect_refused",
    };
    const mail = eventMail(event, "lb1", { ...names, realServer: (_, name) => name });
    if (mail !== null) mailer.send(mail, TO);
  }
  await until("the mail", () => smtp.received.length === 1);
  await mailer.close(5000);
  t.is(smtp.received.length, 1);
  const data = smtp.received[0]?.data ?? "";
  t.regex(data, /^Subject: \[lb1\] 1000 events: 1000 Realserver DOWN$/m);
  t.regex(data, /Realserver rs999 of virtual server/);
  t.deepEqual(mailer.status(), { sent: 1, waiting: 0, lost: 0 });
});

test("a server that says nothing is given up, and does not keep a list with another one waiting", async (t) => {
  const { log } = memoryLog();
  const posted: string[] = [];
  const post: Post = async (_, to) => {
    posted.push(to.join());
    return to[0] === "bad@example.com" ? Promise.reject(new Error("550")) : Promise.resolve();
  };
  const mailer = openMailer({ clock: timeoutClock, log, post });
  mailer.configure({ from: "a", host: "x", port: 25, heloName: null, connectTimeoutMs: 1 });
  mailer.send(mailOf("one"), ["bad@example.com"]);
  mailer.send(mailOf("two"), ["good@example.com"]);
  await until("both were tried", () => posted.length === 2);
  await until("one is sent", () => mailer.status().sent === 1);
  t.like(mailer.status(), { sent: 1, waiting: 1 });
  await mailer.close(0);
});

for (const [how, greeting] of [
  ["says nothing", ""],
  ["stops in the middle of a reply", "220-hel"],
] as const) {
  test(`a mail server that ${how} has a limit`, async (t) => {
    const silent = createServer((socket) => {
      socket.on("error", () => {}).write(greeting);
      t.teardown(() => socket.destroy());
    });
    await new Promise<void>((resolve) => void silent.listen(0, "127.0.0.1", resolve));
    t.teardown(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const server: MailServer = {
      from: "a@example.com",
      host: "127.0.0.1",
      port,
      heloName: "lb1",
      connectTimeoutMs: 5000,
    };
    await t.throwsAsync(postBySmtp(server, TO, mailOf("x"), 200), {
      message: `127.0.0.1 port ${port} did not take it in 200 ms`,
    });
  });
}

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
