// Rules of checks by BFD sessions: which session is meant, and that there is one.

import { sessionsOf } from "./checks/bfd.ts";
import { type Draft, lineOf, type Section } from "./draft.ts";
import { serversByService } from "./effective.ts";
import { didYouMean } from "./suggest.ts";
import type { Report } from "./validate.ts";

/** Told of each use of a check by a real server, and of the sessions that are meant. */
export function judgeChecked(draft: Draft, report: Report): void {
  const names = new Set(draft.bfd_instance.map(({ labels }) => labels[0] ?? ""));
  for (const check of draft.check) {
    const { type, session } = check.values;
    if (type !== "bfd" || session === undefined || names.has(session)) continue;
    report(
      lineOf(check, "session"),
      `Cannot use session "${session}": there is no [bfd_instance.${session}]${didYouMean(session, names)}`,
    );
  }
  for (const { check, server, line } of usesOf(draft)) {
    if (check.values.session !== undefined) continue;
    const address = server.values.address?.address;
    const found = sessionsOf(check, server, draft);
    if (address === undefined || found.length === 1) continue;
    const why =
      found.length === 0
        ? `no [bfd_instance.*] has neighbor_ip = ${address}`
        : `${found.map((name) => `[bfd_instance.${name}]`).join(" and ")} have neighbor_ip = ${address}, so say session = ${found[0]}`;
    report(line, `Cannot use check "${check.labels[0]}" for [${server.title}]: ${why}`);
  }
}

/** Titles of the sessions that some check is about. */
export function checkedSessions(draft: Draft): readonly string[] {
  return usesOf(draft).flatMap(({ check, server }) =>
    sessionsOf(check, server, draft).map((name) => `bfd_instance.${name}`),
  );
}

type Use = {
  readonly check: Section<"check">;
  readonly server: Section<"real_server">;
  readonly line: number;
};

function usesOf(draft: Draft): readonly Use[] {
  const checks = new Map(draft.check.map((section) => [section.labels[0] ?? "", section]));
  const servers = serversByService(draft);
  return draft.virtual_server.flatMap((service) =>
    (servers.get(service.labels[0] ?? "") ?? []).flatMap((server) =>
      [...service.values.check, ...server.values.check].flatMap(({ value, line }) => {
        const check = checks.get(value);
        return check?.values.type === "bfd" ? [{ check, server, line }] : [];
      }),
    ),
  );
}
