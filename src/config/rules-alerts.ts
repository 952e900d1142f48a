// Rules of the mail about virtual and real servers.

import { type Draft, isGiven, lineOf } from "./draft.ts";
import type { Report } from "./validate.ts";

const KEYS = ["email_alert_freq", "email_alert_status"] as const;

export function judgeAlerts({ global: [global], virtual_server }: Draft, report: Report): void {
  const toAll = isGiven(global, "notification_email");
  const ignored = (line: number, key: string): void =>
    report(
      line,
      `Cannot use ${key} without notification_email, it is ignored: nobody gets mail`,
      "warning",
    );
  for (const service of virtual_server) {
    if (toAll || isGiven(service, "notification_email")) continue;
    for (const key of KEYS) if (isGiven(service, key)) ignored(lineOf(service, key), key);
  }
  const toSome = virtual_server.some((service) => isGiven(service, "notification_email"));
  if (toAll || toSome) return;
  for (const key of KEYS) if (isGiven(global, key)) ignored(lineOf(global, key), key);
}
