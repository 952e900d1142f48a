// Rules of what is tracked beside scripts, and of checks by BFD sessions.

import { sessionsOf } from "../checks/build.ts";
import { serversByService } from "../director/effective.ts";
import type { Report } from "../schema/lines.ts";
import { openOwners } from "../schema/relations.ts";
import { type Draft, lineOf, type Section } from "../schema/section.ts";
import { didYouMean } from "../schema/suggest.ts";
import { writtenUses } from "./tracked.ts";
import { downDelayMaxMs, processWords } from "./trackers.ts";

type Instance = Section<"vrrp_instance">;

export function judgeTrackers(draft: Draft, report: Report): void {
  for (const instance of draft.vrrp_instance) {
    judgeInterfaces(instance, report);
    judgeOwnGoal(instance, draft, report);
  }
  for (const delays of draft.interface) judgeDelays(delays, draft, report);
  for (const process of draft.vrrp_track_process) judgeProcess(process, report);
  judgeSessions(draft, report);
  judgeTrackGroups(draft, report);
  judgeServices(draft, report);
  judgeChecked(draft, report);
}

function judgeInterfaces({ values }: Instance, report: Report): void {
  for (const { value, line } of values.track_interface) {
    if (value.name !== values.interface) continue;
    const message = `track_interface ${value.name} is ignored: it is this instance's own, which counts anyway${value.weight === null ? "" : " (and never by a weight)"}`;
    report(line, message, "warning");
  }
}

/** The death of the master would be a FAULT of the backup that is there to replace it. */
function judgeOwnGoal(instance: Instance, draft: Draft, report: Report): void {
  const { bfd_promote: name } = instance.values;
  const tracked = instance.values.track_bfd.find(({ value }) => value.name === name);
  if (tracked === undefined) return;
  const session = draft.bfd_instance.find(({ labels }) => labels[0] === name);
  const weight = tracked.value.weight ?? session?.values.weight;
  if (weight?.weight !== 0 || weight.reverse) return;
  report(
    tracked.line,
    `Cannot promote by bfd_promote ${name} and track it with weight 0: when the master dies, this backup is in FAULT`,
    "warning",
  );
}

function judgeDelays(delays: Section<"interface">, draft: Draft, report: Report): void {
  const name = delays.labels[0] ?? "";
  const maxMs = downDelayMaxMs(name, draft);
  if (delays.values.down_delay <= maxMs) return;
  report(
    lineOf(delays, "down_delay"),
    `Cannot keep down_delay ${delays.values.down_delay / 1000} on ${name}: its adverts would be missed before, ${maxMs}ms is used`,
    "warning",
  );
}

function judgeProcess(process: Section<"vrrp_track_process">, report: Report): void {
  const { process: line, quorum, quorum_max: max } = process.values;
  if (line !== undefined && processWords(line) === undefined) {
    report(lineOf(process, "process"), `Cannot use process "${line}": a quote is not closed`);
  }
  if (max !== undefined && max !== 0 && max < quorum) {
    report(
      lineOf(process, "quorum_max"),
      `Cannot use quorum_max ${max} with quorum ${quorum}: it must be ${quorum} or more, or 0`,
    );
  }
}

function judgeSessions(draft: Draft, report: Report): void {
  const owners = openOwners(report);
  for (const session of draft.bfd_instance) {
    const { neighbor_ip: neighbor, source_ip: source, multihop } = session.values;
    if (neighbor === undefined) continue;
    const id = `${neighbor} ${source ?? ""} ${multihop}`;
    owners(id, `neighbor_ip ${neighbor}`, session, lineOf(session, "neighbor_ip"));
  }
}

const STATICS = ["static_ipaddress", "static_routes", "static_rules"] as const;

/** Lines of [global] name the groups, and instances and sync groups track them. */
function judgeTrackGroups(draft: Draft, report: Report): void {
  const made = new Map<string, { readonly key: string; readonly line: number }>();
  for (const key of STATICS) {
    for (const { value, line } of draft.global.values[key]) {
      if (value.trackGroup !== undefined) made.set(value.trackGroup, { key, line });
    }
  }
  const unused = new Map(made);
  for (const { values } of [...draft.vrrp_instance, ...draft.vrrp_sync_group]) {
    for (const { value, line } of values.track_group) {
      unused.delete(value.name);
      if (made.has(value.name)) continue;
      const hint = didYouMean(value.name, made.keys());
      report(
        line,
        `Cannot use track_group "${value.name}": no line of ${STATICS.join(", ")} has "track_group ${value.name}"${hint}`,
      );
    }
  }
  for (const [name, { key, line }] of unused) {
    const message = `Cannot make use of "track_group ${name}" in ${key}: nothing tracks it`;
    report(line, message, "warning");
  }
}

function judgeServices(draft: Draft, report: Report): void {
  const services = new Map(draft.virtual_server.map((each) => [each.labels[0] ?? "", each]));
  for (const tracker of [...draft.vrrp_instance, ...draft.vrrp_sync_group]) {
    for (const { value: use, line } of writtenUses("virtual_server", tracker, draft)) {
      const service = services.get(use.name);
      if (service === undefined) continue; // that is told where names are
      if (service.values.ha_suspend) {
        report(
          line,
          `Cannot use track_virtual_server "${use.name}" with ha_suspend of [${service.title}]: without the addresses its checks rest, and a quorum that was lost would never be found again (leave one of them out)`,
        );
      }
      if (service.values.sorry_server === undefined || use.weight !== 0) continue;
      const message = `track_virtual_server ${use.name} without a weight leaves the sorry server of [${service.title}] to nobody: with the real servers gone both nodes are in FAULT (give it a weight, as in "${use.name} weight -60")`;
      report(line, message, "warning");
    }
  }
}

/** Told of each use of a check by a real server, and of the sessions that are meant. */
export function judgeChecked(draft: Draft, report: Report): void {
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
  if (!draft.check.some(({ values }) => values.type === "bfd")) return [];
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
