// Mail and files about virtual and real servers, as ldirectord has them: rows, and rules.

import { mailbox, phases } from "../node/notify-lines.ts";
import { bool, DAY_MS, duration, path } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { type Draft, isGiven, lineOf } from "../schema/section.ts";
import type { Report } from "../validate.ts";

/** ldirectord's, of [global] and of virtual servers. */
// biome-ignore format: a table, a row a key
export const alertFreq = { type: duration({ minMs: 0, maxMs: 31 * DAY_MS }), aliases: ["emailalertfreq"], otherwise: "never", example: "3600",
  doc: "The mail about a real server that is DOWN is repeated after so long, again and again; 0 = never. Not while it is in maintenance" } as const;
// biome-ignore format: a table, a row a key
export const alertStatus = { type: phases, aliases: ["emailalertstatus"], otherwise: "all", example: "running, reloading",
  doc: "When mail about virtual and real servers is sent: all, none, or some of starting (what the first checks after a start find), running, stopping, reloading (what a reload changes)" } as const;

/** Of a virtual server. */
// biome-ignore format: a table, a row a key
export const serviceNewsRows = {
  notification_email: { type: mailbox, aliases: ["emailalert"], list: true, inherits: "notification_email", example: "shop@example.com",
    doc: "Who gets the mail about this virtual server and its real servers, in place of those of [global]" },
  maintenance_remove: { type: bool, default: "no",
    doc: "A real server that maintenance_dir takes out is as one that failed, as in ldirectord: it leaves the table, or gets weight 0 by inhibit_on_failure; no = weight 0, and its connections go on" },
  monitor_file: { type: path, aliases: ["monitorfile"], otherwise: "none", example: "/var/log/duet-web.log",
    doc: "File that gets a line for every result of a check of its real servers, as ldirectord writes it; at 64 MiB it becomes NAME.1" },
  email_alert_freq: { ...alertFreq, requires: { keys: ["notification_email"], why: "nobody gets mail", ignored: true }, otherwise: "email_alert_freq of [global]" },
  email_alert_status: { ...alertStatus, requires: { keys: ["notification_email"], why: "nobody gets mail", ignored: true }, otherwise: "email_alert_status of [global]" },
} as const satisfies Readonly<Record<string, KeySpec>>;

const KEYS = ["email_alert_freq", "email_alert_status"] as const;

/** Those of [global]: what virtual servers say is a matter of their rows. */
export function judgeAlerts({ global, virtual_server }: Draft, report: Report): void {
  if ([global, ...virtual_server].some(({ values }) => values.notification_email.length > 0))
    return;
  for (const key of KEYS) {
    if (!isGiven(global, key)) continue;
    report(
      lineOf(global, key),
      `Cannot use ${key} without notification_email[], it is ignored: nobody gets mail`,
      "warning",
    );
  }
}
