// Scripts, FIFOs and mail: what their rows come to, inherited values filled in, and the way back.

import type { Identity } from "../../lib/accounts.ts";
import type {
  AlertsConfig,
  Config,
  FifoConfig,
  GlobalConfig,
  HooksConfig,
  MailConfig,
  NotifyConfig,
  OnceScript,
} from "../model.ts";
import { fieldsOf, type Row, rowsOf } from "../schema/fields.ts";
import { formatDuration, yesNo } from "../schema/plain-types.ts";
import type { FifoWords, UserWords } from "../schema/row.ts";
import type { Draft, Section } from "../schema/section.ts";
import { printIdentity } from "../schema/users.ts";
import { addressLinkPrefixOf } from "../vrrp/address-links.ts";
import { instanceHookRows } from "../vrrp/keys.ts";
import { dumpRows, firewallRows } from "./keys-parts.ts";
import { PHASES, phases as phaseWords } from "./notify-lines.ts";

/** The user that these words name; the rules have made sure that there is one. */
export type IdentityOf = (words: UserWords) => Identity | null;

export function buildGlobal(draft: Draft, hostname: string, identityOf: IdentityOf): GlobalConfig {
  const global = draft.global.values;
  return {
    routerId: global.router_id ?? hostname,
    hookTimeoutMs: global.hook_timeout,
    scriptUser: globalUser(draft, identityOf),
    logUnknownVrids: global.log_unknown_vrids,
    scriptSecurity: global.enable_script_security,
    maintenanceDirectory: global.maintenance_dir ?? null,
    addressLinkPrefix: addressLinkPrefixOf(draft),
    nftables: fieldsOf(firewallRows, global),
    dumps: fieldsOf(dumpRows, global),
  };
}

export function buildNotify(draft: Draft, hostname: string, identityOf: IdentityOf): NotifyConfig {
  const global = draft.global.values;
  const scriptUser = globalUser(draft, identityOf);
  const fifo = (
    about: FifoConfig["about"],
    words: FifoWords | undefined,
    script: string | undefined,
  ): FifoConfig[] => {
    if (words === undefined) return [];
    // Its reader has to be able to open it.
    const owner = words.owner === null ? scriptUser : identityOf(words.owner);
    return [{ about, path: words.path, owner, script: script ?? null }];
  };
  const once = (command: string | undefined, timeoutMs: number): NotifyConfig["startupScript"] =>
    command === undefined ? null : { command, timeoutMs };
  return {
    fifos: [
      ...fifo("all", global.notify_fifo, global.notify_fifo_script),
      ...fifo("vrrp", global.vrrp_notify_fifo, global.vrrp_notify_fifo_script),
      ...fifo("lvs", global.lvs_notify_fifo, global.lvs_notify_fifo_script),
    ],
    statesOnReload: global.fifo_write_vrrp_states_on_reload,
    mail: buildMail(draft, hostname),
    mailFaults: !global.no_email_faults,
    startupScript: once(global.startup_script, global.startup_script_timeout),
    shutdownScript: once(global.shutdown_script, global.shutdown_script_timeout),
  };
}

type Subject = Section<"vrrp_instance"> | Section<"vrrp_sync_group">;

/** `group`: the sync group of an instance, which it inherits from. */
export function buildHooks(
  section: Subject,
  draft: Draft,
  identityOf: IdentityOf,
  group?: Section<"vrrp_sync_group">,
): HooksConfig {
  const { values } = section;
  const global = draft.global.values;
  return {
    // A group has no more than some of them.
    ...fieldsOf(instanceHookRows, values),
    scriptUser: userOf(values.script_user, draft, identityOf),
    priorityChanges:
      values.notify_priority_changes ??
      group?.values.notify_priority_changes ??
      global.vrrp_notify_priority_changes,
    smtpAlert: values.smtp_alert ?? global.smtp_alert_vrrp ?? global.smtp_alert ?? false,
  };
}

/** keepalived: mail about real servers is the one kind that is on when nobody says anything. */
export function checkerAlert(
  section: Section<"virtual_server"> | Section<"real_server">,
  draft: Draft,
): boolean {
  const global = draft.global.values;
  return (
    section.values.smtp_alert ??
    global.smtp_alert_checker ??
    global.smtp_alert ??
    section.kind === "real_server"
  );
}

export function buildAlerts({ values }: Section<"virtual_server">, draft: Draft): AlertsConfig {
  const global = draft.global.values;
  return {
    to: values.notification_email.map(({ value }) => value),
    repeatMs: values.email_alert_freq ?? global.email_alert_freq ?? 0,
    phases: values.email_alert_status ?? global.email_alert_status ?? PHASES,
  };
}

export function userOf(
  words: UserWords | undefined,
  draft: Draft,
  identityOf: IdentityOf,
): Identity | null {
  return words === undefined ? globalUser(draft, identityOf) : identityOf(words);
}

function globalUser(draft: Draft, identityOf: IdentityOf): Identity | null {
  const words = draft.global.values.script_user;
  return words === undefined ? null : identityOf(words);
}

function buildMail(draft: Draft, hostname: string): MailConfig | null {
  const global = draft.global.values;
  const to = global.notification_email.map(({ value }) => value);
  const isAsked =
    to.length > 0 ||
    draft.virtual_server.some(({ values }) => values.notification_email.length > 0);
  if (!isAsked) return null;
  return {
    to,
    from: global.notification_email_from ?? `duet@${hostname}`,
    ...global.smtp_server,
    heloName: global.smtp_helo_name ?? null,
    connectTimeoutMs: global.smtp_connect_timeout,
  };
}

/** Of [global]. */
export function globalRows({ global, notify }: Config): readonly Row[] {
  const { mail } = notify;
  return [
    ["script_user", printIdentity(global.scriptUser)],
    ["maintenance_dir", global.maintenanceDirectory],
    ["enable_script_security", yesNo(global.scriptSecurity)],
    ...rowsOf(firewallRows, global.nftables),
    ...rowsOf(dumpRows, global.dumps),
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
    ["script_user", printIdentity(hooks.scriptUser)],
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

function fifoRows({ about, path, owner, script }: FifoConfig): readonly Row[] {
  const key = about === "all" ? "notify_fifo" : `${about}_notify_fifo`;
  const user = printIdentity(owner);
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
