// Rules of what is tracked beside scripts, and of checks by BFD sessions.

import { sessionsOf } from "../checks/bfd.ts";
import { familyIn, serversByService } from "../effective.ts";
import type { Located, Tracked } from "../schema/row.ts";
import { type Draft, lineOf, type Section } from "../schema/section.ts";
import { didYouMean } from "../schema/suggest.ts";
import type { Report } from "../validate.ts";
import { downDelayMaxMs, processWords } from "./trackers.ts";

type Instance = Section<"vrrp_instance">;

export function judgeTrackers(draft: Draft, report: Report): void {
  const names = {
    track_file: namesOf(draft.track_file),
    vrrp_track_process: namesOf(draft.vrrp_track_process),
    bfd_instance: namesOf(draft.bfd_instance),
  };
  for (const instance of draft.vrrp_instance) {
    const { values } = instance;
    judgeInterfaces(instance, report);
    judgeNames("track_file", values.track_file, names, report);
    judgeNames("vrrp_track_process", values.track_process, names, report);
    judgeNames("bfd_instance", values.track_bfd, names, report);
    judgePromote(instance, names.bfd_instance, draft, report);
  }
  for (const { values } of draft.vrrp_sync_group) {
    judgeTwice("interface", values.track_interface, report);
    judgeNames("track_file", values.track_file, names, report);
    judgeNames("vrrp_track_process", values.track_process, names, report);
    judgeNames("bfd_instance", values.track_bfd, names, report);
  }
  for (const delays of draft.interface) judgeDelays(delays, draft, report);
  for (const process of draft.vrrp_track_process) judgeProcess(process, report);
  judgeSessions(draft, report);
  judgeChecked(draft, report);
  judgeUnused(draft, report);
}

function namesOf(sections: readonly { readonly labels: readonly string[] }[]): ReadonlySet<string> {
  return new Set(sections.map(({ labels }) => labels[0] ?? ""));
}

function judgeInterfaces({ values }: Instance, report: Report): void {
  for (const { value, line } of values.track_interface) {
    if (value.name !== values.interface) continue;
    const message = `track_interface ${value.name} is ignored: it is this instance's own, which counts anyway${value.weight === null ? "" : " (and never by a weight)"}`;
    report(line, message, "warning");
  }
  judgeTwice("interface", values.track_interface, report);
}

function judgeNames<K extends string>(
  kind: K,
  tracked: readonly Located<Tracked>[],
  names: Readonly<Record<K, ReadonlySet<string>>>,
  report: Report,
): void {
  for (const { value, line } of tracked) {
    if (names[kind].has(value.name)) continue;
    report(
      line,
      `Cannot track "${value.name}": there is no [${kind}.${value.name}]${didYouMean(value.name, names[kind])}`,
    );
  }
  judgeTwice(kind, tracked, report);
}

function judgeTwice(kind: string, tracked: readonly Located<Tracked>[], report: Report): void {
  const seen = new Map<string, number>();
  for (const { value, line } of tracked) {
    const before = seen.get(value.name);
    if (before === undefined) seen.set(value.name, line);
    else report(line, `Cannot track ${kind} "${value.name}" twice: line ${before} has it already`);
  }
}

function judgePromote(
  instance: Instance,
  sessions: ReadonlySet<string>,
  draft: Draft,
  report: Report,
): void {
  const name = instance.values.bfd_promote;
  if (name === undefined) return;
  if (sessions.has(name)) {
    judgeOwnGoal(instance, name, draft, report);
    return;
  }
  report(
    lineOf(instance, "bfd_promote"),
    `Cannot use bfd_promote "${name}": there is no [bfd_instance.${name}]${didYouMean(name, sessions)}`,
  );
}

/** The death of the master would be a FAULT of the backup that is there to replace it. */
function judgeOwnGoal(instance: Instance, name: string, draft: Draft, report: Report): void {
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
  const seen = new Map<string, Section<"bfd_instance">>();
  for (const session of draft.bfd_instance) {
    const { neighbor_ip: neighbor, source_ip: source, multihop } = session.values;
    if (neighbor === undefined) continue;
    if (source !== undefined && familyIn(source) !== familyIn(neighbor)) {
      report(
        lineOf(session, "source_ip"),
        `Cannot use source_ip ${source} with neighbor_ip ${neighbor}: they must be of one family`,
      );
    }
    const key = `${neighbor} ${source ?? ""} ${multihop ? "multihop" : ""}`;
    const other = seen.get(key);
    if (other === undefined) seen.set(key, session);
    else {
      report(
        lineOf(session, "neighbor_ip"),
        `Cannot use neighbor_ip ${neighbor} twice: [${other.title}] (line ${other.line}) has it already`,
      );
    }
  }
}

function judgeUnused(draft: Draft, report: Report): void {
  const used = new Set([
    ...[...draft.vrrp_instance, ...draft.vrrp_sync_group].flatMap(({ values }) => [
      ...values.track_file.map(({ value }) => `track_file.${value.name}`),
      ...values.track_process.map(({ value }) => `vrrp_track_process.${value.name}`),
      ...values.track_bfd.map(({ value }) => `bfd_instance.${value.name}`),
    ]),
    ...draft.vrrp_instance.map(({ values }) => `bfd_instance.${values.bfd_promote ?? ""}`),
    ...checkedSessions(draft),
  ]);
  const sections = [...draft.track_file, ...draft.vrrp_track_process, ...draft.bfd_instance];
  for (const { title, line } of sections) {
    if (used.has(title)) continue;
    report(line, `Cannot make use of [${title}]: nothing tracks it`, "warning");
  }
}

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
