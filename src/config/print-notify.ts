// Scripts, FIFOs and mail, as rows of canonical INI.

import type { Identity } from "../lib/accounts.ts";
import { type Row, rowsOf } from "./fields.ts";
import { firewallRows } from "./keys-firewall.ts";
import type { AlertsConfig, Config, FifoConfig, HooksConfig, OnceScript } from "./model.ts";
import { formatDuration, yesNo } from "./plain-types.ts";
import { PHASES, phases as phaseWords } from "./values-notify.ts";

/** Of [global]. */
export function globalRows({ global, notify }: Config): readonly Row[] {
  const { mail } = notify;
  return [
    ["script_user", printUser(global.scriptUser)],
    ["maintenance_dir", global.maintenanceDirectory],
    ["enable_script_security", yesNo(global.scriptSecurity)],
    ...rowsOf(firewallRows, global.nftables),
    ...notify.fifos.flatMap(fifoRows),
    ["fifo_write_vrrp_states_on_reload", yesNo(notify.statesOnReload)],
    ...onceRows("startup_script", notify.startupScript),
    ...onceRows("shutdown_script", notify.shutdownScript),
    ["no_email_faults", yesNo(!notify.mailFaults)],
    ...(mail === null
      ? []
      : ([
          ...mail.to.map((address) => ["notification_email[]", address] as const),
          ["notification_email_from", mail.from],
          ["smtp_server", `${mail.host} ${mail.port}`],
          ["smtp_helo_name", mail.heloName],
          ["smtp_connect_timeout", formatDuration(mail.connectTimeoutMs)],
        ] satisfies readonly Row[])),
  ];
}

/** Of instances and sync groups. */
export function hookRows(hooks: HooksConfig): readonly Row[] {
  return [
    ["script_user", printUser(hooks.scriptUser)],
    ["notify_priority_changes", yesNo(hooks.priorityChanges)],
    ["smtp_alert", yesNo(hooks.smtpAlert)],
  ];
}

/** Of a virtual server. */
export function alertRows({ to, repeatMs, phases }: AlertsConfig): readonly Row[] {
  return [
    ...to.map((address): Row => ["notification_email[]", address]),
    ["email_alert_freq", repeatMs === 0 ? null : formatDuration(repeatMs)],
    ["email_alert_status", phases.length === PHASES.length ? null : phaseWords.print(phases)],
  ];
}

export function printUser(identity: Identity | null): string | null {
  return identity === null ? null : `${identity.user} ${identity.group}`;
}

function fifoRows({ about, path, owner, script }: FifoConfig): readonly Row[] {
  const key = about === "all" ? "notify_fifo" : `${about}_notify_fifo`;
  const user = printUser(owner);
  return [
    [key, user === null ? path : `${path} ${user}`],
    [`${key}_script`, script],
  ];
}

function onceRows(key: string, script: OnceScript | null): readonly Row[] {
  if (script === null) return [];
  return [
    [key, script.command],
    [`${key}_timeout`, formatDuration(script.timeoutMs)],
  ];
}
