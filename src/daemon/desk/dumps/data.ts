// keepalived.data: how each instance, sync group, script, file and process is configured and is now, in keepalived's words. What
// concerns keepalived's own insides (sockets, buffers, descriptors) is not told. Pure.

import type { Config } from "../../../config/model.ts";
import type { Status, TrackerStatus } from "../../../control/status.ts";
import { addressText, commandText, type Dumped, dumpedOf, interfaceOf } from "./words.ts";

export function dataText(config: Config, status: Status): string {
  const instances = dumpedOf(config, status);
  return [
    ...title("Global definitions"),
    ` Router ID = ${config.global.routerId}`,
    ` Script security ${config.global.scriptSecurity ? "enabled" : "disabled"}`,
    ...(instances.length === 0 ? [] : title("VRRP Topology")),
    ...instances.flatMap((dumped) => instanceLines(dumped, config)),
    ...groupLines(config, status),
    ...scriptLines(config, status),
    ...fileLines(config, status),
    ...processLines(config, status),
    "",
  ].join("\n");
}

function title(text: string): readonly string[] {
  return [`------< ${text} >------`];
}

function instanceLines(dumped: Dumped, config: Config): readonly string[] {
  const { status } = dumped;
  const { vrrp, way, vips, holds, announce, hooks, link } = dumped.config;
  const { policy } = vrrp;
  const seconds = Date.parse(status.since) / 1000;
  const source = way.source ?? (status.state === "MASTER" ? status.master?.address : undefined);
  return [
    ` VRRP Instance = ${vrrp.name}`,
    `   VRRP Version = ${vrrp.version}`,
    ...(vrrp.syncGroup === null ? [] : [`   Sync group = ${vrrp.syncGroup}`]),
    `   State = ${status.state}`,
    ...(status.state === "BACKUP" && status.master !== null
      ? [
          `   Master router = ${status.master.address}`,
          `   Master priority = ${status.master.priority}`,
        ]
      : []),
    `   Wantstate = ${status.state === "INIT" ? vrrp.initialState : status.state}`,
    `   Number of interface and track script faults = ${status.faults.length}`,
    `   Last transition = ${seconds.toFixed(6)} (${status.since})`,
    `   Master down timer = ${status.master_down_interval_ms * 1000} usecs`,
    ...(link === null
      ? []
      : [`   Use ${link.kind === "macvlan" ? "VMAC" : "IPVLAN"}, i/f name ${link.name}`]),
    `   Interface = ${interfaceOf(dumped.config)}${link === null ? "" : `, vmac on ${vrrp.interface}`}`,
    ...(source === undefined
      ? []
      : [`   Using src_ip = ${source}${way.source === null ? "" : " (from configuration)"}`]),
    ...(way.peers.length === 0 ? [`   Multicast address ${way.group}`] : []),
    `   Gratuitous ARP delay = ${announce.delayMs / 1000}`,
    `   Gratuitous ARP repeat = ${announce.repeat}`,
    `   Gratuitous ARP refresh = ${announce.refreshMs / 1000}`,
    `   Gratuitous ARP refresh repeat = ${announce.refreshRepeat}`,
    `   Gratuitous ARP lower priority delay = ${announce.lowerDelayMs / 1000}`,
    `   Gratuitous ARP lower priority repeat = ${announce.lowerRepeat}`,
    `   Down timer adverts = ${policy.downTimerAdverts}`,
    `   Send advert after receive lower priority advert = ${policy.answersLower}`,
    `   Send advert after receive higher priority advert = ${policy.saysFarewell}`,
    `   Virtual Router ID = ${vrrp.vrid}`,
    `   Priority = ${status.base_priority}`,
    `   Effective priority = ${status.priority}`,
    `   Total priority = ${status.priority}`,
    `   Advert interval = ${intervalText(vrrp)}`,
    `   Accept = ${enabled(holds.accept)}`,
    `   Preempt = ${enabled(vrrp.preempt)}`,
    ...(policy.preemptDelayMs === 0
      ? []
      : [`   Preempt delay = ${policy.preemptDelayMs / 1000} secs`]),
    `   Promote_secondaries = ${enabled(holds.promoteSecondaries)}`,
    ...authenticationLines(dumped),
    ...block(
      `Virtual IP (${vips.length})`,
      vips.map((vip) => addressText(vip, dumped)),
    ),
    ...block(
      "Virtual IP Excluded ",
      holds.excluded.map((vip) => addressText(vip, dumped)),
    ),
    ...block(
      "Unicast Peer ",
      way.peers.map(
        ({ address, ttlMin, ttlMax }) => `${address} min_ttl ${ttlMin} max_ttl ${ttlMax}`,
      ),
    ),
    ...block(
      "Virtual Routes ",
      holds.routes.map(({ line }) => line),
    ),
    ...block(
      "Virtual Rules ",
      holds.rules.map(({ line }) => line),
    ),
    ...trackedLines(dumped),
    `   Using smtp notification = ${hooks.smtpAlert ? "yes" : "no"}`,
    ...hookLines(dumped, config),
    `   Notify priority changes = ${hooks.priorityChanges}`,
  ];
}

function intervalText({ version, advertIntervalMs }: Dumped["config"]["vrrp"]): string {
  return version === 2 ? `${advertIntervalMs / 1000} sec` : `${advertIntervalMs} milli-sec`;
}

function enabled(is: boolean): string {
  return is ? "enabled" : "disabled";
}

function authenticationLines({ config: { vrrp } }: Dumped): readonly string[] {
  if (vrrp.version === 3) return [];
  if (vrrp.auth.password === null) return ["   Authentication type = none"];
  // keepalived before 2.4 wrote the password itself.
  return ["   Authentication type = SIMPLE_PASSWORD", "   Password = ********"];
}

/** What there is none of is left out. */
function block(name: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`   ${name}:`, ...items.map((item) => `     ${item}`)];
}

function trackedLines({ config: { tracking, trackScripts } }: Dumped): readonly string[] {
  const uses = (kind: string, between: string): readonly string[] =>
    tracking.uses
      .filter((use) => use.kind === kind)
      .map(({ name, weight }) => `${name}${between}weight ${weight}`);
  return [
    ...block("Tracked interfaces ", uses("interface", " ")),
    ...block(
      "Tracked scripts ",
      trackScripts.map(({ name, weight }) => `${name} weight ${weight}`),
    ),
    ...block("Tracked files ", uses("file", ", ")),
    ...block("Tracked processes ", uses("process", ", ")),
    ...block("Tracked BFDs ", uses("bfd", ", ")),
  ];
}

function hookLines({ config: { hooks } }: Dumped, { global }: Config): readonly string[] {
  const { uid = 0, gid = 0 } = hooks.scriptUser ?? global.scriptUser ?? {};
  const scripts: readonly (readonly [string, string | null])[] = [
    ["Backup state transition", hooks.notifyBackup],
    ["Master state transition", hooks.notifyMaster],
    ["Fault state transition", hooks.notifyFault],
    ["Stop state transition", hooks.notifyStop],
    ["Deleted state transition", hooks.notifyDeleted],
    ["Generic state transition", hooks.notify],
    ["Master rx lower pri", hooks.notifyMasterRxLowerPri],
  ];
  return scripts.flatMap(([name, command]) =>
    command === null ? [] : [`   ${name} script = ${commandText(command)}, uid:gid ${uid}:${gid}`],
  );
}

function groupLines({ vrrpSyncGroups }: Config, status: Status): readonly string[] {
  const lines = vrrpSyncGroups.flatMap(({ name, members, hooks }) => {
    const state = status.vrrp_sync_groups.find((group) => group.name === name)?.state ?? "INIT";
    return [
      ` VRRP Sync Group = ${name}, ${state}`,
      ...block("VRRP member instances ", members),
      `   Using smtp notification = ${hooks.smtpAlert ? "yes" : "no"}`,
    ];
  });
  return lines.length === 0 ? [] : [...title("VRRP Sync groups"), ...lines];
}

/** Who tracks it. */
function usersOf(
  { vrrpInstances }: Config,
  kind: TrackerStatus["kind"],
  name: string,
): readonly string[] {
  const users = vrrpInstances.flatMap(({ vrrp, tracking, trackScripts }) => {
    const uses =
      kind === "script" ? trackScripts : tracking.uses.filter((use) => use.kind === kind);
    return uses
      .filter((use) => use.name === name)
      .map(({ weight }) => `${vrrp.name}, weight ${weight}`);
  });
  return block("Tracking instances ", users);
}

function known(
  status: Status,
  kind: TrackerStatus["kind"],
  name: string,
): TrackerStatus | undefined {
  return status.trackers?.find((each) => each.kind === kind && each.name === name);
}

function scriptLines(config: Config, status: Status): readonly string[] {
  const lines = config.vrrpScripts.flatMap((script) => {
    const up = known(status, "script", script.name)?.up ?? null;
    const { uid = 0, gid = 0 } = script.user ?? config.global.scriptUser ?? {};
    return [
      ` VRRP Script = ${script.name}`,
      `   Command = ${commandText(script.command)}`,
      `   Interval = ${script.intervalMs / 1000} sec`,
      `   Timeout = ${script.timeoutMs / 1000} sec`,
      `   Weight = ${script.weight}`,
      `   Rise = ${script.rise}`,
      `   Fall = ${script.fall}`,
      `   Status = ${up === null ? "INIT" : up ? "GOOD" : "BAD"}`,
      `   Script uid:gid = ${uid}:${gid}`,
      ...usersOf(config, "script", script.name),
      "   State = idle",
    ];
  });
  return lines.length === 0 ? [] : [...title("VRRP Scripts"), ...lines];
}

function fileLines(config: Config, status: Status): readonly string[] {
  const lines = config.trackers.files.flatMap(({ name, path, weight }) => [
    ` Track file = ${name}`,
    `   File = ${path}`,
    `   Status = ${known(status, "file", name)?.value ?? 0}`,
    `   Weight = ${weight}`,
    ...usersOf(config, "file", name),
  ]);
  return lines.length === 0 ? [] : [...title("VRRP Track files"), ...lines];
}

function processLines(config: Config, status: Status): readonly string[] {
  const lines = config.trackers.processes.flatMap((tracked) => {
    const now = known(status, "process", tracked.name);
    return [
      ` VRRP Track process = ${tracked.name}`,
      `   Process = ${tracked.program}`,
      `   Min processes = ${tracked.quorum}`,
      `   Current processes = ${now?.value ?? 0}`,
      `   Have quorum = ${now?.up === true}`,
      `   Weight = ${tracked.weight}`,
      `   Terminate delay = ${(tracked.downDelayMs / 1000).toFixed(6)}s`,
      `   Fork delay = ${(tracked.upDelayMs / 1000).toFixed(6)}s`,
      `   Full command = ${tracked.fullCommand}`,
      ...usersOf(config, "process", tracked.name),
    ];
  });
  return lines.length === 0 ? [] : [...title("VRRP Track processes"), ...lines];
}
