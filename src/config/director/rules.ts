// Rules of checks, and of what virtual servers, real servers and checks are to each other.

import { judgeOfType } from "../checks/build.ts";
import { typeKeys, typesWith } from "../checks/kinds.ts";
import type { Report } from "../schema/lines.ts";
import { openOwners } from "../schema/relations.ts";
import { type Draft, isGiven, lineOf, nameOf, type Section } from "../schema/section.ts";
import { didYouMean } from "../schema/suggest.ts";
import { type Servers, serversByService, serviceKeysOf } from "./effective.ts";
import { judgeMarks } from "./marks.ts";
import { judgeServers } from "./rules-servers.ts";
import { judgeGroups, judgeService } from "./rules-services.ts";

export function judgeDirector(draft: Draft, report: Report): void {
  const services = new Set(draft.virtual_server.map(({ labels }) => labels[0] ?? ""));
  const checks = new Map(draft.check.map((section) => [section.labels[0] ?? "", section]));
  const servers = serversByService(draft);
  for (const [name, orphans] of servers) {
    if (services.has(name)) continue;
    const hint = didYouMean(name, services);
    for (const { title, line } of orphans) {
      report(line, `Cannot use [${title}]: there is no [virtual_server.${name}]${hint}`);
    }
  }
  for (const check of draft.check) judgeCheck(check, report);
  judgeGroups(draft, report);
  judgeUniqueServices(draft, servers, report);
  judgeMarks(draft, servers, report);
  for (const service of draft.virtual_server) {
    const behind = servers.get(service.labels[0] ?? "") ?? [];
    const keys = serviceKeysOf(service, behind, draft);
    judgeService(service, keys ?? [], behind, draft, report);
    judgeServers(service, keys ?? [], behind, checks, report);
  }
}

function judgeCheck(check: Section<"check">, report: Report): void {
  const { type } = check.values;
  if (type === undefined) return;
  for (const key of Object.keys(typeKeys) as readonly (keyof typeof typeKeys)[]) {
    const types = typesWith(key);
    if (!isGiven(check, key) || types.includes(type)) continue;
    const wanted = types.join(" or ");
    report(lineOf(check, key), `Cannot use ${key} with type ${type}: it is for type = ${wanted}`);
  }
  judgeOfType(check, report);
}

function judgeUniqueServices(
  draft: Draft,
  servers: ReadonlyMap<string, Servers>,
  report: Report,
): void {
  const owners = openOwners(report);
  for (const service of draft.virtual_server) {
    const keys = serviceKeysOf(service, servers.get(service.labels[0] ?? "") ?? [], draft) ?? [];
    for (const key of keys) {
      const line = lineOf(service, isGiven(service, "group") ? "group" : key.kind);
      const what =
        key.kind === "fwmark"
          ? `fwmark ${key.fwmark}`
          : `${key.protocol} ${key.address} ${key.port}`;
      owners(JSON.stringify(key), what, service, line);
    }
  }
}

const ALERT_KEYS = ["email_alert_freq", "email_alert_status"] as const;

/** Those of [global]: what virtual servers say is a matter of their rows. */
export function judgeAlerts(draft: Draft, report: Report): void {
  const { global, virtual_server } = draft;
  const hasReaders = ({ values }: Section<"global"> | Section<"virtual_server">): boolean =>
    values.notification_email.length > 0;
  const ignored = (line: number, key: string): void =>
    report(
      line,
      `Cannot use ${key} without notification_email[], it is ignored: nobody gets mail`,
      "warning",
    );
  if (hasReaders(global)) return;
  for (const section of [...draft.vrrp_instance, ...draft.vrrp_sync_group]) {
    if (section.values.smtp_alert)
      ignored(section.lines["smtp_alert"] ?? section.line, "smtp_alert");
  }
  if (global.values.smtp_alert_vrrp) ignored(lineOf(global, "smtp_alert_vrrp"), "smtp_alert_vrrp");
  const readers = new Set(virtual_server.filter(hasReaders).map(nameOf));
  for (const section of [...virtual_server, ...draft.real_server]) {
    if (!section.values.smtp_alert || readers.has(nameOf(section))) continue;
    ignored(section.lines["smtp_alert"] ?? section.line, "smtp_alert");
  }
  if (readers.size > 0) return;
  for (const key of [...ALERT_KEYS, "smtp_alert", "smtp_alert_checker"] as const) {
    if (isGiven(global, key) && global.values[key] !== false) ignored(lineOf(global, key), key);
  }
}
