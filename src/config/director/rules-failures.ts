// What is written for the day when a real server fails, and does not help then: warnings.

import type { Report } from "../schema/lines.ts";
import { type Draft, isGiven, lineOf, nameOf, type Section } from "../schema/section.ts";
import { type Servers, serverPortOf, serversByService } from "./effective.ts";

type Service = Section<"virtual_server">;

export function judgeFailures(draft: Draft, report: Report): void {
  const servers = serversByService(draft);
  for (const service of draft.virtual_server) {
    const behind = servers.get(nameOf(service)) ?? [];
    judgeBound(service, behind, draft, report);
    judgeUnchecked(service, behind, report);
    judgeSorryServer(service, behind, report);
    judgeOmega(service, behind, draft, report);
  }
}

/**
 * ip_vs_conn.c, ip_vs_check_template(): what binds a client ends when its server leaves the table; of one that stays there with
 * weight 0 only with this setting.
 */
const ENDS_WITH_WEIGHT = "expire_quiescent_template";

function judgeBound(service: Service, servers: Servers, draft: Draft, report: Report): void {
  const { persistence_timeout: timeoutMs } = service.values;
  const isEnded = draft.global.values.lvs_sysctl.some(
    ({ value }) => value.name === ENDS_WITH_WEIGHT && value.value !== "0",
  );
  const staying = servers.find(({ values }) => values.inhibit_on_failure);
  if (timeoutMs === undefined || staying === undefined || isEnded) return;
  const line = isGiven(staying, "inhibit_on_failure")
    ? lineOf(staying, "inhibit_on_failure")
    : lineOf(service, "inhibit_on_failure");
  report(
    line,
    `inhibit_on_failure of [${service.title}] keeps bound clients on a server that failed until they were away for persistence_timeout ${timeoutMs / 1000}: add "lvs_sysctl[] = ${ENDS_WITH_WEIGHT} 1" to [global], or leave it out, so that a failed server leaves the table`,
    "warning",
  );
}

function judgeUnchecked(service: Service, servers: Servers, report: Report): void {
  const isChecked = (server: Section<"real_server">): boolean =>
    service.values.check.length > 0 || server.values.check.length > 0;
  const tell = (section: Service | Section<"real_server">): void => {
    for (const key of ["alpha", "inhibit_on_failure"] as const) {
      const line = section.lines[key];
      if (line === undefined || section.values[key] !== true) continue;
      report(
        line,
        `Cannot make use of ${key} in [${section.title}]: without check[] a real server never fails`,
        "warning",
      );
    }
  };
  if (servers.length > 0 && !servers.some(isChecked)) tell(service);
  for (const server of servers) if (!isChecked(server)) tell(server);
}

/** When all have failed, it has failed too. */
function judgeSorryServer(service: Service, servers: Servers, report: Report): void {
  const { sorry_server: sorry, address } = service.values;
  if (sorry === undefined) return;
  const port = sorry.port ?? address?.port ?? 0;
  const same = servers.find(
    (server) =>
      server.values.address?.address === sorry.address && serverPortOf(server, service) === port,
  );
  if (same === undefined) return;
  report(
    lineOf(service, "sorry_server"),
    `The sorry_server ${sorry.address} is [${same.title}] (line ${same.line}) too: it takes over when that has failed`,
    "warning",
  );
}

function judgeOmega(service: Service, servers: Servers, draft: Draft, report: Report): void {
  const { omega, quorum_down: hook, notification_email: readers } = service.values;
  const { global } = draft;
  const hears = [
    hook,
    global.values.notify_fifo,
    global.values.lvs_notify_fifo,
    ...servers.map(({ values }) => values.notify_down),
    ...readers,
    ...global.values.notification_email,
  ];
  if (!omega || hears.some((each) => each !== undefined)) return;
  report(
    lineOf(service, "omega"),
    `Cannot make use of omega in [${service.title}]: there is nobody to tell (quorum_down, notify_down, a FIFO or notification_email)`,
    "warning",
  );
}
