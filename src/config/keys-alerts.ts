// The table of keys: mail and files about virtual and real servers, as ldirectord has them.

import { DAY_MS, duration } from "./key-types.ts";
import type { KeySpec, ValueType } from "./spec.ts";

/** Of a virtual server. */
export const serviceNewsRows = {
  notification_email: {
    type: { kind: "mailbox" },
    aliases: ["emailalert"],
    list: true,
    otherwise: "notification_email of [global]",
    example: "shop@example.com",
    level: "advanced",
    doc: "Who gets the mail about this virtual server and its real servers, in place of those of [global]",
  },
  maintenance_remove: {
    type: { kind: "bool" },
    default: "no",
    level: "advanced",
    doc: "A real server that maintenance_dir takes out is as one that failed, as in ldirectord: it leaves the table, or gets weight 0 by inhibit_on_failure; no = weight 0, and its connections go on",
  },
  monitor_file: {
    type: { kind: "path" },
    aliases: ["monitorfile"],
    otherwise: "none",
    example: "/var/log/duet-web.log",
    level: "advanced",
    doc: "File that gets a line for every result of a check of its real servers, as ldirectord writes it; at 64 MiB it becomes NAME.1",
  },
  ...alertRows("email_alert_freq of [global]", "email_alert_status of [global]"),
} as const satisfies Readonly<Record<string, KeySpec>>;

type Row<Type extends ValueType> = Omit<KeySpec, "type" | "list" | "default"> & {
  readonly type: Type;
};

type AlertRows = {
  readonly email_alert_freq: Row<Extract<ValueType, { readonly kind: "duration" }>>;
  readonly email_alert_status: Row<{ readonly kind: "phases" }>;
};

/** ldirectord's, of [global] and of virtual servers. */
export function alertRows(freq: string, status: string): AlertRows {
  return {
    email_alert_freq: {
      type: duration({ minMs: 0, maxMs: 31 * DAY_MS }),
      aliases: ["emailalertfreq"],
      otherwise: freq,
      example: "3600",
      level: "advanced",
      doc: "The mail about a real server that is DOWN is repeated after so long, again and again; 0 = never. Not while it is in maintenance",
    },
    email_alert_status: {
      type: { kind: "phases" },
      aliases: ["emailalertstatus"],
      otherwise: status,
      example: "running, reloading",
      level: "advanced",
      doc: "When mail about virtual and real servers is sent: all, none, or some of starting (what the first checks after a start find), running, stopping, reloading (what a reload changes)",
    },
  };
}
