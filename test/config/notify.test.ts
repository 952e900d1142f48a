import test from "ava";
import { readNative } from "../../src/config/native.ts";
import { printConfig } from "../../src/config/print.ts";
import { configOf, linesOf, SERVICE } from "./helpers.ts";

const INSTANCE = `[vrrp_instance.VI_1]
interface = eth0
virtual_router_id = 51
virtual_ipaddress[] = 10.0.0.100/24
`;
const ha = { user: "ha", group: "ha", uid: 65534, gid: 65534 };

test("script_user of [global] holds where nothing else is written", (t) => {
  const config = configOf(`[global]
script_user = ha
[vrrp_script.a]
script = /bin/true
user = other staff
${INSTANCE}script_user = own
[vrrp_instance.VI_2]
interface = eth0
virtual_router_id = 52
virtual_ipaddress[] = 10.0.0.101/24
`);
  t.deepEqual(config.global.scriptUser, ha);
  t.like(config.vrrpScripts[0]?.user, { user: "other", group: "staff" });
  t.like(config.vrrpInstances[0]?.hooks.scriptUser, { user: "own" });
  t.deepEqual(config.vrrpInstances[1]?.hooks.scriptUser, ha);
});

test("FIFOs, mail and the scripts of start and stop are read, and printed as they are read", (t) => {
  const config = configOf(`[global]
router_id = lb1
script_user = ha
notify_fifo = /run/a.fifo
notify_fifo_script = "/etc/read.sh all"
vrrp_notify_fifo = /run/b.fifo bob staff
lvs_notify_fifo = /run/c.fifo
startup_script = /etc/up.sh
shutdown_script = /etc/down.sh
shutdown_script_timeout = 3
notification_email[] = ops@example.com
notification_email[] = Night <night@example.com>
smtp_server = mail.example.com 587
smtp_alert = yes
no_email_faults = yes
${INSTANCE}`);
  t.deepEqual(config.notify.fifos, [
    { about: "all", path: "/run/a.fifo", owner: ha, script: "/etc/read.sh all" },
    {
      about: "vrrp",
      path: "/run/b.fifo",
      owner: { ...ha, user: "bob", group: "staff" },
      script: null,
    },
    { about: "lvs", path: "/run/c.fifo", owner: ha, script: null },
  ]);
  t.like(config.notify, {
    startupScript: { command: "/etc/up.sh", timeoutMs: 10_000 },
    shutdownScript: { command: "/etc/down.sh", timeoutMs: 3000 },
    mailFaults: false,
  });
  t.deepEqual(config.notify.mail, {
    to: ["ops@example.com", "Night <night@example.com>"],
    from: "duet@host1",
    host: "mail.example.com",
    port: 587,
    heloName: null,
    connectTimeoutMs: 30_000,
  });
  t.true(config.vrrpInstances[0]?.hooks.smtpAlert);
  t.deepEqual(configOf(printConfig(config)), config);
});

test("smtp_alert: the section, then the kind, then all; real servers are on when nobody says anything", (t) => {
  const services = `[virtual_server.w]
fwmark = 1
[real_server.w.r1]
address = 10.0.0.1:80
[real_server.w.r2]
address = 10.0.0.2:80
smtp_alert = no
`;
  const alertsOf = (global: string): readonly boolean[] => {
    const { vrrpInstances, virtualServers } = configOf(
      `[global]\n${global}\n${INSTANCE}${services}`,
    );
    const service = virtualServers[0];
    return [
      vrrpInstances[0]?.hooks.smtpAlert,
      service?.smtpAlert,
      ...(service?.realServers.map(({ smtpAlert }) => smtpAlert) ?? []),
    ].map(Boolean);
  };
  t.deepEqual(alertsOf(""), [false, false, true, false]);
  t.deepEqual(alertsOf("smtp_alert = yes"), [true, true, true, false]);
  t.deepEqual(alertsOf("smtp_alert = yes\nsmtp_alert_checker = no"), [true, false, false, false]);
  t.deepEqual(alertsOf("smtp_alert_vrrp = yes"), [true, false, true, false]);
});

test("notify_priority_changes: the instance, then its group, then [global]", (t) => {
  const config = configOf(`[global]
vrrp_notify_priority_changes = yes
${INSTANCE}[vrrp_instance.VI_2]
interface = eth0
virtual_router_id = 52
virtual_ipaddress[] = 10.0.0.101/24
[vrrp_instance.VI_3]
interface = eth0
virtual_router_id = 53
virtual_ipaddress[] = 10.0.0.102/24
notify_priority_changes = no
[vrrp_sync_group.G]
group[] = VI_1
notify_priority_changes = no
`);
  t.deepEqual(
    config.vrrpInstances.map(({ hooks }) => hooks.priorityChanges),
    [false, true, false],
  );
});

test("mail about servers: [global], then the virtual server; also in ldirectord's words", (t) => {
  const alertsOf = (global: string, own: string): unknown => {
    const config = configOf(`[global]
${global}
[virtual_server.web]
address = 10.0.0.1:80
protocol = tcp
${own}
[real_server.web.rs1]
address = 10.0.0.21:80
`);
    return { ...config.virtualServers[0]?.alerts, all: config.notify.mail?.to };
  };
  const phases = ["starting", "running", "stopping", "reloading"];
  t.deepEqual(alertsOf("emailalert[] = a@b", ""), {
    to: ["a@b"],
    repeatMs: 0,
    phases,
    all: ["a@b"],
  });
  const words = "emailalertfreq = 300\nemailalertstatus = none\nemailalert[] = a@b";
  t.deepEqual(alertsOf(words, ""), { to: ["a@b"], repeatMs: 300_000, phases: [], all: ["a@b"] });
  const own =
    "notification_email[] = x@y\nemail_alert_freq = 0\nemail_alert_status = reloading,running";
  t.deepEqual(alertsOf(words, own), {
    to: ["x@y"],
    repeatMs: 0,
    phases: ["running", "reloading"],
    all: ["a@b"],
  });
  t.deepEqual(alertsOf("router_id = x", "notification_email[] = x@y"), {
    to: ["x@y"],
    repeatMs: 0,
    phases,
    all: [],
  });
});

test("mail that nobody gets is warned of", (t) => {
  const told = (global: string): readonly string[] => readWith(global, {}).problems;
  t.deepEqual(told("email_alert_freq = 60\nemail_alert_status = all"), [
    "2: Cannot use email_alert_freq without notification_email[], it is ignored: nobody gets mail",
    "3: Cannot use email_alert_status without notification_email[], it is ignored: nobody gets mail",
  ]);
  t.deepEqual(told("email_alert_freq = 60\nnotification_email[] = a@b"), []);
});

for (const [line, problem] of [
  [
    "email_alert_status = running, sleeping",
    'Cannot use email_alert_status "running, sleeping": it must be all, none, or some of starting, running, stopping, reloading',
  ],
  ["script_user = a b c", '1 Cannot use script_user "a b c": it must be USER [GROUP], not "c"'],
  [
    "notify_fifo = relative",
    'Cannot use notify_fifo "relative": it must be PATH [USER [GROUP]], and PATH is a path that begins with /',
  ],
  [
    "notification_email[] = no body",
    'Cannot use notification_email "no body": it must be a mail address such as ops@example.com or Ops <ops@example.com>',
  ],
  [
    "smtp_server = a 99999",
    'Cannot use smtp_server "a 99999": it must be HOST [PORT], and PORT is 1 to 65535',
  ],
  [
    "notify_fifo = /a\nlvs_notify_fifo = /a",
    "Cannot use lvs_notify_fifo /a twice: line 2 has it already",
  ],
] as const) {
  test(`refused: ${line}`, (t) => {
    const read = readWith(line, {});
    t.false(read.ok);
    t.true(
      read.problems.some((one) => one.endsWith(problem.replace(/^1 /, ""))),
      read.problems.join(),
    );
  });
}

test("a user that there is not is a problem of its line", (t) => {
  const read = readWith("script_user = ghost", {
    findIdentity: (user) => ({ ok: false, reason: `there is no user "${user}"` }),
  });
  t.deepEqual(read.problems, ['2: Cannot use script_user: there is no user "ghost"']);
  const text = `${SERVICE}script_user = ghost\n`;
  t.deepEqual(
    linesOf(text, {
      findIdentity: (user) => ({ ok: false, reason: `there is no user "${user}"` }),
    }).filter((line) => line.includes("ghost")),
    ['6: Cannot use script_user: there is no user "ghost"'],
    "of a real server",
  );
});

test("enable_script_security: what root would run and others may write to is warned of, whose fault it is too", (t) => {
  const commandInsecurity = (): string => "/etc/duet is writable by group staff (mode 0775)";
  const reason = "/etc/duet is writable by group staff (mode 0775)";
  const told = (global: string): readonly string[] =>
    readWith(`${global}\nstartup_script = /etc/duet/x.sh`, { commandInsecurity }).problems;
  t.deepEqual(told("enable_script_security = yes"), [
    `3: Cannot trust "/etc/duet/x.sh" to run as root, it is refused: ${reason}`,
  ]);
  t.deepEqual(told("enable_script_security = no"), [
    `3: Cannot trust "/etc/duet/x.sh" to run as root, it is run all the same, because enable_script_security is no: ${reason}`,
  ]);
  t.deepEqual(told("script_user = nobody"), []);
});

type Options = Partial<Parameters<typeof readNative>[0]>;

function readWith(
  global: string,
  options: Options,
): { readonly ok: boolean; readonly problems: readonly string[] } {
  const text = `[global]\n${global}\n${INSTANCE}`;
  const source = { file: "x", text, hostname: "h", ownAddresses: new Set<string>() };
  const read = readNative({ ...source, ...options });
  const problems = read.ok ? read.warnings : read.problems;
  return { ok: read.ok, problems: problems.map(({ line, message }) => `${line}: ${message}`) };
}
