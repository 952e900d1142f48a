// The status as text: the instances first, then the virtual servers as `ipvsadm -Ln` lists them, with what it
// cannot say (states, checks, reasons) added to the right and below.

import type {
  CheckStatus,
  InstanceStatus,
  ProcessStatus,
  RealServerStatus,
  Status,
  VirtualServerStatus,
} from "../control/status.ts";
import { plainData } from "../lib/plain-text.ts";
import { type Column, tableLines } from "../lib/table.ts";

export function statusText(told: Status, nowIso: string): string {
  const status = plainData(told);
  const blocks = [
    [...verdictLines(status, nowIso), ...headLines(status, nowIso)],
    instanceLines(status.vrrp_instances, nowIso),
    groupLines(status),
    hookLines(status, nowIso),
    serverLines(status.virtual_servers, nowIso),
    lvsLines(status),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** What the exit status says, first. */
function verdictLines({ degraded }: Status, nowIso: string): string[] {
  if (degraded.length === 0) return ["OK"];
  const reasons = degraded.map(
    ({ kind, subject, since, text }) =>
      `  ${subject}: ${text} (${kind}, ${agoText(since, nowIso)})`,
  );
  return ["DEGRADED:", ...reasons];
}

function headLines(status: Status, nowIso: string): string[] {
  const { version, router_id, uptime_s, processes } = status;
  const restarted = processes.filter(({ restarts }) => restarts > 0);
  return [
    `duet ${version} on ${router_id}, up ${durationText(uptime_s * 1000)}`,
    ...restarted.map((process) => restartText(process, nowIso)),
    ...confirmationLines(status),
    ...maintenanceLines(status, nowIso),
  ];
}

function confirmationLines({ confirmation = null }: Status): string[] {
  if (confirmation === null) return [];
  return [
    `waiting for confirmation until ${confirmation.until}: duet confirm, or what ran before comes back`,
  ];
}

function maintenanceLines({ maintenance = null }: Status, nowIso: string): string[] {
  if (maintenance === null) return [];
  const { since, until, reason } = maintenance;
  const end = until === null ? "until duet maintenance off" : `until ${until}`;
  const why = reason === null ? "" : `: ${reason}`;
  return [`in maintenance ${end}, since ${agoText(since, nowIso)}${why}`];
}

function restartText(
  { role, pid, restarts, last_death = null }: ProcessStatus,
  nowIso: string,
): string {
  const why =
    last_death === null ? "" : `, last ${agoText(last_death.at, nowIso)}: ${last_death.how}`;
  return `${role} (pid ${pid}) restarted ${restarts}x${why}`;
}

const INSTANCE_COLUMNS: readonly Column[] = [
  { title: "Instance", align: "left" },
  { title: "Interface", align: "left" },
  { title: "VRID", align: "right" },
  { title: "State", align: "left" },
  { title: "Prio", align: "right" },
  { title: "Master", align: "left" },
  { title: "Since", align: "left" },
  { title: "Why", align: "left" },
];

function instanceLines(instances: readonly InstanceStatus[], nowIso: string): string[] {
  if (instances.length === 0) return [];
  const [title = "", ...rows] = tableLines(
    INSTANCE_COLUMNS,
    instances.map((instance) => [
      instance.name,
      instance.interface,
      String(instance.vrid),
      instance.state,
      priorityText(instance),
      instance.master === null
        ? "-"
        : `${instance.master.address} (prio ${instance.master.priority})`,
      agoText(instance.since, nowIso),
      instance.cause,
    ]),
  );
  return [
    title,
    ...instances.flatMap((instance, i) => [
      rows[i] ?? "",
      ...priorityLines(instance),
      ...detailLines(instance),
    ]),
  ];
}

/** Only where tracking has moved it. */
function priorityLines({ priority, priority_why = String(priority) }: InstanceStatus): string[] {
  return /^\d+$/.test(priority_why) ? [] : [`  priority   ${priority_why}`];
}

function detailLines({
  virtual_addresses,
  faults,
  waiting = null,
  yields = false,
}: InstanceStatus): string[] {
  return [
    ...(yields ? [`  yields     ${YIELDS_TEXT}`] : []),
    ...(waiting === null ? [] : [`  waits for  ${waitText(waiting)}`]),
    `  addresses  ${virtual_addresses.join(", ") || "none"}`,
    ...faults.map((fault) => `  FAULT      ${fault}`),
  ];
}

const YIELDS_TEXT =
  "after a switchover it preempts nobody, and takes over when the master is gone (duet switchover there gives it back)";

function waitText(waiting: NonNullable<InstanceStatus["waiting"]>): string {
  return `${waiting.for.join(", ")}, ${durationText(waiting.left_ms)} at most`;
}

/** "90/150" when tracking has lowered it. */
function priorityText({ priority, base_priority }: InstanceStatus): string {
  return priority === base_priority ? String(priority) : `${priority}/${base_priority}`;
}

function groupLines({ vrrp_sync_groups }: Status): string[] {
  return vrrp_sync_groups.map(
    ({ name, state, members, because }) =>
      `Group ${name} ${state}${because === undefined ? "" : ` because ${because}`}: ${members.join(", ")}`,
  );
}

/** Only what the operator should look at: hooks that failed. */
function hookLines({ hooks = [] }: Status, nowIso: string): string[] {
  return hooks.flatMap(({ instance, results }) =>
    results
      .filter(({ ok }) => !ok)
      .map(
        ({ hook, state, at, detail, last_line = "" }) =>
          `Hook ${hook} of ${instance} failed at ${state}: ${detail}${last_line && `: ${last_line}`}, ${agoText(at, nowIso)}`,
      ),
  );
}

function lvsLines({ lvs = null }: Status): string[] {
  if (lvs === null) return [];
  return [
    ...lvs.sync_daemons.map(
      ({ state, interface: device, sync_id, group }) =>
        `Connection sync: ${state} daemon on ${device}, id ${sync_id}, to ${group}`,
    ),
    ...lvs.errors.map((error) => `IPVS ERROR: ${error}`),
    ...(lvs.drift ?? []).map((drift) => `IPVS drift, left as it is: ${drift}`),
  ];
}

const SERVER_COLUMNS: readonly Column[] = [
  { title: "  -> RemoteAddress:Port", align: "left" },
  { title: "Forward", align: "left" },
  { title: "Weight", align: "left" },
  { title: "ActiveConn", align: "left" },
  { title: "InActConn", align: "left" },
  { title: "State", align: "left" },
  { title: "Name", align: "left" },
];

/** ipvsadm's words for the forwarding methods. */
const FORWARD_WORDS: Readonly<Record<string, string>> = { DR: "Route", NAT: "Masq", TUN: "Tunnel" };

/** "Route", "Tunnel (gue port 6080)" */
function forwardText(lbKind: string): string {
  const [method = "", , ...tunnel] = lbKind.split(" ");
  const word = FORWARD_WORDS[method] ?? method;
  return tunnel.length === 0 ? word : `${word} (${tunnel.join(" ")})`;
}

function serverLines(servers: readonly VirtualServerStatus[], nowIso: string): string[] {
  if (servers.length === 0) return [];
  const [title = "", ...rows] = tableLines(
    SERVER_COLUMNS,
    servers.flatMap((server) => server.real_servers.map((real) => realServerCells(server, real))),
  );
  const lines = ["Prot LocalAddress:Port Scheduler Flags", title];
  for (const server of servers) {
    lines.push(...virtualServerLines(server));
    for (const real of server.real_servers) {
      lines.push(rows.shift() ?? "", ...whyDown(real, nowIso));
      lines.push(...real.checks.map((check) => checkLine(check, nowIso)));
      if (real.warning) lines.push(`       WARNING: ${real.warning}`);
    }
  }
  return lines;
}

function virtualServerLines(server: VirtualServerStatus): string[] {
  const persistent =
    server.persistence_timeout_s === null ? [] : [`persistent ${server.persistence_timeout_s}`];
  const fields = [
    server.fwmark === null ? (server.protocol ?? "").toUpperCase().padEnd(4) : "FWM ",
    whereText(server),
    server.lb_algo,
    ...(server.flags ?? []).map((flag) => (flag === "ops" ? flag : `(${flag})`)),
    ...persistent,
    `(${server.name})`,
    ...(server.sorry_server_active ? ["sorry server active"] : []),
  ];
  const marks = server.marks ?? [];
  return [
    fields.join(" "),
    ...(marks.length === 0 ? [] : [`  marked by duet: ${marks.join(", ")}`]),
    ...(server.suspended ? ["  checks rest: this node has none of its addresses"] : []),
    ...(server.quorum_up ? [] : [`  DOWN: less live weight than quorum ${server.quorum}`]),
    ...(server.error === null ? [] : [`  ERROR: ${server.error}`]),
  ];
}

function whereText({ fwmark, address, group = null, services = [] }: VirtualServerStatus): string {
  if (group !== null) return `group ${group} (${services.length} services)`;
  return fwmark === null ? (address ?? "") : String(fwmark);
}

function realServerCells(server: VirtualServerStatus, real: RealServerStatus): string[] {
  return [
    `  -> ${real.address}`,
    forwardText(real.lb_kind ?? server.lb_kind),
    real.effective_weight === real.weight
      ? String(real.weight)
      : `${real.effective_weight}/${real.weight}`,
    String(real.active_connections),
    String(real.inactive_connections),
    real.state,
    real.name,
  ];
}

function whyDown({ state, since, cause }: RealServerStatus, nowIso: string): readonly string[] {
  if (state === "UP" || since === undefined || cause === undefined) return [];
  return [`       ${state} since ${since} (${agoText(since, nowIso)}): ${cause}`];
}

function checkLine(check: CheckStatus, nowIso: string): string {
  const { name, type, state, last_ok, last_detail, last_took_ms, last_at } = check;
  const told = last_ok === null ? "no result yet" : `${last_ok ? "ok" : "failed"}: ${last_detail}`;
  const took = last_took_ms === null ? "" : ` in ${last_took_ms.toFixed(1)} ms`;
  const when = last_at === null ? "" : `, ${agoText(last_at, nowIso)}`;
  return `       ${name} (${type}) ${state}, ${told}${took}${when}`;
}

function agoText(iso: string, nowIso: string): string {
  const agoMs = Date.parse(nowIso) - Date.parse(iso);
  return Number.isNaN(agoMs) ? iso : `${durationText(agoMs)} ago`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** The two largest units: "3d 4h", "2m 5s", "0s"; a negative time (a clock was set back) is "0s". */
export function durationText(ms: number): string {
  let restS = Math.max(0, Math.floor(ms / 1000));
  const texts: string[] = [];
  for (const [name, lengthS] of UNITS) {
    const count = Math.floor(restS / lengthS);
    restS -= count * lengthS;
    if (count > 0 || texts.length > 0) texts.push(`${count}${name}`);
  }
  return texts.length === 0 ? "0s" : texts.slice(0, 2).join(" ");
}
