// Probes that only connect, between whole ones.

import { isGiven, lineOf, type Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";

export function judgeConnects(section: Section<"check">, report: Report): void {
  if (!isGiven(section, "connects") || section.values.connects === 0) return;
  const { type, transport, send, expect, tls } = section.values;
  if ((type === "dns" || type === "sip") && transport === "udp") {
    report(
      lineOf(section, "connects"),
      "Cannot use connects with transport = udp: datagrams have no connection",
    );
  }
  if (type === "tcp" && !tls && send.length + expect.length === 0) {
    report(
      lineOf(section, "connects"),
      "Cannot use connects without send[] or expect[]: every probe only connects",
    );
  }
}
