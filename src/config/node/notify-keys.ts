// Rows of [global] about scripts, FIFOs and mail, and rows that several sections share.

import { bool, command, DAY_MS, duration, HOUR_MS, word } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { user } from "../schema/users.ts";
import { fifo, hook, mailbox, mailServer, phases } from "./notify-lines.ts";

/** ldirectord's, of [global] and of virtual servers. */
// biome-ignore format: a table, a row a key
export const alertFreq = { type: duration({ minMs: 0, maxMs: 31 * DAY_MS }), aliases: ["emailalertfreq"], otherwise: "never", example: "3600",
  doc: "The mail about a real server that is DOWN is repeated after so long, again and again; 0 = never. Not while it is in maintenance" } as const;

// biome-ignore format: a table, a row a key
export const alertStatus = { type: phases, aliases: ["emailalertstatus"], otherwise: "all", example: "running, reloading",
  doc: "When mail about virtual and real servers is sent: all, none, or some of starting (what the first checks after a start find), running, stopping, reloading (what a reload changes)" } as const;

const SCRIPT_MAX_MS = 1_000_000;

/** Of instances and sync groups. */
// biome-ignore format: a table, a row a key
export const subjectRows = {
  script_user: { type: user, inherits: "script_user", example: "keepalived_script",
    doc: "Who its notify scripts run as" },
  notify_priority_changes: { type: bool, otherwise: "of its sync group, else vrrp_notify_priority_changes of [global]", example: "no",
    doc: "Tell changes of its priority on the FIFOs: MASTER_PRIORITY and BACKUP_PRIORITY lines" },
  smtp_alert: { type: bool, otherwise: "smtp_alert_vrrp or smtp_alert of [global], else no", example: "yes",
    doc: "Send a mail on every transition" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const notifyRows = {
  script_user: { type: user, otherwise: "who duet runs as", example: "keepalived_script", level: "basic",
    doc: "Who scripts run as that name nobody: USER [GROUP]" },
  enable_script_security: { type: bool, default: "yes", level: "basic",
    doc: "Refuse to run as root a script that somebody else may write to, or whose directories he may; no = warn only" },
  notify_fifo: { type: fifo, otherwise: "none", example: "/run/duet/notify.fifo",
    doc: "Named pipe that gets a line for every event of VRRP and virtual servers: PATH [USER [GROUP]]" },
  notify_fifo_script: { type: command, requires: { keys: ["notify_fifo"], why: "it would have nothing to read", ignored: true }, otherwise: "none", example: "/etc/duet/on-event.sh",
    doc: "Command that is kept running to read notify_fifo, whose path is its last argument" },
  vrrp_notify_fifo: { type: fifo, otherwise: "none", example: "/run/duet/vrrp.fifo",
    doc: "Named pipe that gets a line for every event of VRRP: PATH [USER [GROUP]]" },
  vrrp_notify_fifo_script: { type: command, requires: { keys: ["vrrp_notify_fifo"], why: "it would have nothing to read", ignored: true }, otherwise: "none", example: "/etc/duet/on-event.sh",
    doc: "Command that is kept running to read vrrp_notify_fifo, whose path is its last argument" },
  lvs_notify_fifo: { type: fifo, otherwise: "none", example: "/run/duet/lvs.fifo",
    doc: "Named pipe that gets a line for every event of virtual and real servers: PATH [USER [GROUP]]" },
  lvs_notify_fifo_script: { type: command, requires: { keys: ["lvs_notify_fifo"], why: "it would have nothing to read", ignored: true }, otherwise: "none", example: "/etc/duet/on-event.sh",
    doc: "Command that is kept running to read lvs_notify_fifo, whose path is its last argument" },
  fifo_write_vrrp_states_on_reload: { type: bool, default: "no",
    doc: "Tell the state of every instance and sync group on the FIFOs again after a reload" },
  vrrp_notify_priority_changes: { type: bool, default: "no", doc: "notify_priority_changes of the instances that do not say" },
  startup_script: { ...hook, example: "/etc/duet/startup.sh", doc: "Command run before anything else starts" },
  startup_script_timeout: { type: duration({ minMs: 1000, maxMs: SCRIPT_MAX_MS }), default: "10",
    doc: "How long the start waits for startup_script before it is killed" },
  shutdown_script: { ...hook, example: "/etc/duet/shutdown.sh", doc: "Command run after everything else has stopped" },
  shutdown_script_timeout: { type: duration({ minMs: 1000, maxMs: SCRIPT_MAX_MS }), default: "10",
    doc: "How long the stop waits for shutdown_script before it is killed" },
  notification_email: { type: mailbox, aliases: ["emailalert"], list: true, example: "ops@example.com", level: "basic",
    doc: "Who gets mail; none = no mail is sent" },
  notification_email_from: { type: mailbox, aliases: ["emailalertfrom"], otherwise: "duet@ and the host name", example: "duet@lb1.example.com",
    doc: "Sender of the mails" },
  smtp_server: { type: mailServer, default: "127.0.0.1 25", level: "basic",
    doc: "Server that takes the mails: HOST [PORT]; TLS when it offers it, no authentication" },
  smtp_helo_name: { type: word, otherwise: "the host name", example: "lb1.example.com",
    doc: "What duet calls itself to the mail server" },
  smtp_connect_timeout: { type: duration({ minMs: 100, maxMs: HOUR_MS }), default: "30",
    doc: "Limit of the connection to the mail server" },
  smtp_alert: { type: bool, otherwise: "yes for real servers, no for the rest", example: "yes", level: "basic",
    doc: "Send mail about instances, groups, virtual and real servers that do not say" },
  smtp_alert_vrrp: { type: bool, otherwise: "smtp_alert", example: "yes", doc: "smtp_alert for instances and sync groups" },
  smtp_alert_checker: { type: bool, otherwise: "smtp_alert", example: "yes", doc: "smtp_alert for virtual and real servers" },
  no_email_faults: { type: bool, default: "no", doc: "Send no mail about a FAULT" },
  email_alert_freq: alertFreq,
  email_alert_status: alertStatus,
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of a real server. */
// biome-ignore format: a table, a row a key
export const serverHookRows = {
  notify_up: { field: "notifyUp", ...hook, example: "/etc/duet/server.sh up rs1", doc: "Runs when this real server goes UP" },
  notify_down: { field: "notifyDown", ...hook, example: "/etc/duet/server.sh down rs1", doc: "Runs when this real server goes DOWN" },
  script_user: { type: user, inherits: "script_user", example: "nobody",
    doc: "Who runs notify_up and notify_down: USER [GROUP]" },
} as const satisfies Readonly<Record<string, KeySpec>>;
