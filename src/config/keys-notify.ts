// The table of keys: rows of [global] about scripts, FIFOs and mail, and rows that several sections share.

import { duration, HOUR_MS, hook } from "./key-types.ts";
import { alertRows } from "./keys-alerts.ts";
import type { KeySpec } from "./spec.ts";

const SCRIPT_MAX_MS = 1_000_000;

/** Of instances and sync groups. */
export const subjectRows = {
  script_user: {
    type: { kind: "user" },
    otherwise: "script_user of [global]",
    example: "keepalived_script",
    level: "advanced",
    doc: "Who its notify scripts run as",
  },
  notify_priority_changes: {
    type: { kind: "bool" },
    otherwise: "of its sync group, else vrrp_notify_priority_changes of [global]",
    example: "no",
    level: "advanced",
    doc: "Tell changes of its priority on the FIFOs: MASTER_PRIORITY and BACKUP_PRIORITY lines",
  },
  smtp_alert: {
    type: { kind: "bool" },
    otherwise: "smtp_alert_vrrp or smtp_alert of [global], else no",
    example: "yes",
    level: "advanced",
    doc: "Send a mail on every transition",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const notifyRows = {
  script_user: {
    type: { kind: "user" },
    otherwise: "who duet runs as",
    example: "keepalived_script",
    level: "basic",
    doc: "Who scripts run as that name nobody: USER [GROUP]",
  },
  enable_script_security: {
    type: { kind: "bool" },
    default: "yes",
    level: "basic",
    doc: "Refuse to run as root a script that somebody else may write to, or whose directories he may; no = warn only",
  },
  ...fifoRows("notify_fifo", "VRRP and virtual servers", "/run/duet/notify.fifo"),
  ...fifoRows("vrrp_notify_fifo", "VRRP", "/run/duet/vrrp.fifo"),
  ...fifoRows("lvs_notify_fifo", "virtual and real servers", "/run/duet/lvs.fifo"),
  fifo_write_vrrp_states_on_reload: {
    type: { kind: "bool" },
    default: "no",
    level: "advanced",
    doc: "Tell the state of every instance and sync group on the FIFOs again after a reload",
  },
  vrrp_notify_priority_changes: {
    type: { kind: "bool" },
    default: "no",
    level: "advanced",
    doc: "notify_priority_changes of the instances that do not say",
  },
  startup_script: hook("Command run before anything else starts", "/etc/duet/startup.sh"),
  startup_script_timeout: {
    type: duration({ minMs: 1000, maxMs: SCRIPT_MAX_MS }),
    default: "10",
    level: "advanced",
    doc: "How long the start waits for startup_script before it is killed",
  },
  shutdown_script: hook("Command run after everything else has stopped", "/etc/duet/shutdown.sh"),
  shutdown_script_timeout: {
    type: duration({ minMs: 1000, maxMs: SCRIPT_MAX_MS }),
    default: "10",
    level: "advanced",
    doc: "How long the stop waits for shutdown_script before it is killed",
  },
  notification_email: {
    type: { kind: "mailbox" },
    aliases: ["emailalert"],
    list: true,
    example: "ops@example.com",
    level: "basic",
    doc: "Who gets mail; none = no mail is sent",
  },
  notification_email_from: {
    type: { kind: "mailbox" },
    aliases: ["emailalertfrom"],
    otherwise: "duet@ and the host name",
    example: "duet@lb1.example.com",
    level: "advanced",
    doc: "Sender of the mails",
  },
  smtp_server: {
    type: { kind: "mail_server" },
    default: "127.0.0.1 25",
    level: "basic",
    doc: "Server that takes the mails: HOST [PORT]; TLS when it offers it, no authentication",
  },
  smtp_helo_name: {
    type: { kind: "word" },
    otherwise: "the host name",
    example: "lb1.example.com",
    level: "advanced",
    doc: "What duet calls itself to the mail server",
  },
  smtp_connect_timeout: {
    type: duration({ minMs: 100, maxMs: HOUR_MS }),
    default: "30",
    level: "advanced",
    doc: "Limit of the connection to the mail server",
  },
  smtp_alert: {
    type: { kind: "bool" },
    otherwise: "yes for real servers, no for the rest",
    example: "yes",
    level: "basic",
    doc: "Send mail about instances, groups, virtual and real servers that do not say",
  },
  smtp_alert_vrrp: {
    type: { kind: "bool" },
    otherwise: "smtp_alert",
    example: "yes",
    level: "advanced",
    doc: "smtp_alert for instances and sync groups",
  },
  smtp_alert_checker: {
    type: { kind: "bool" },
    otherwise: "smtp_alert",
    example: "yes",
    level: "advanced",
    doc: "smtp_alert for virtual and real servers",
  },
  no_email_faults: {
    type: { kind: "bool" },
    default: "no",
    level: "advanced",
    doc: "Send no mail about a FAULT",
  },
  ...alertRows("never", "all"),
} as const satisfies Readonly<Record<string, KeySpec>>;

type FifoRows<Name extends string> = {
  readonly [K in Name]: Row<"fifo">;
} & { readonly [K in `${Name}_script`]: Row<"command"> };

type Row<Kind extends "fifo" | "command"> = {
  readonly type: { readonly kind: Kind };
  readonly otherwise: string;
  readonly example: string;
  readonly level: "advanced";
  readonly doc: string;
};

function fifoRows<const Name extends string>(
  name: Name,
  about: string,
  example: string,
): FifoRows<Name> {
  const rows = {
    [name]: {
      type: { kind: "fifo" },
      otherwise: "none",
      example,
      level: "advanced",
      doc: `Named pipe that gets a line for every event of ${about}: PATH [USER [GROUP]]`,
    },
    [`${name}_script`]: {
      type: { kind: "command" },
      otherwise: "none",
      example: "/etc/duet/on-event.sh",
      level: "advanced",
      doc: `Command that is kept running to read ${name}, whose path is its last argument`,
    },
  };
  return rows as FifoRows<Name>;
}

/** Of a real server. */
export const serverHookRows = {
  notify_up: hook("Runs when this real server goes UP", "/etc/duet/server.sh up rs1"),
  notify_down: hook("Runs when this real server goes DOWN", "/etc/duet/server.sh down rs1"),
  script_user: {
    type: { kind: "user" },
    otherwise: "script_user of [global]",
    example: "nobody",
    level: "advanced",
    doc: "Who runs notify_up and notify_down: USER [GROUP]",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;
