// keepalived.json: what exporters ask for by SIGRTMIN + 2. Version 1 is a list of instances; version 2 an object with it, and
// with the tracked processes. Pure.

import type { Config } from "../../../config/model.ts";
import type { Status } from "../../../control/status.ts";
import {
  addressText,
  type Counts,
  commandText,
  type Dumped,
  dumpedOf,
  interfaceOf,
  STATES,
} from "./words.ts";

export function jsonText(
  config: Config,
  status: Status,
  countsNow: (dumped: Dumped) => Counts,
): string {
  const vrrp = dumpedOf(config, status).map((dumped) => ({
    data: dataOf(dumped, config),
    stats: countsNow(dumped),
  }));
  const isFirst = config.global.dumps.jsonVersion === 1;
  return JSON.stringify(isFirst ? vrrp : { vrrp, track_process: processesOf(config, status) });
}

function dataOf(dumped: Dumped, config: Config): Readonly<Record<string, unknown>> {
  const { status } = dumped;
  const { vrrp, announce, holds, vips, tracking, hooks, link } = dumped.config;
  const { policy } = vrrp;
  const state = STATES.indexOf(status.state);
  return {
    iname: vrrp.name,
    dont_track_primary: Number(tracking.dontTrackPrimary),
    skip_check_adv_addr: Number(policy.comparesOnce),
    strict_mode: 0,
    vmac_ifname: link?.name ?? "",
    ifp_ifname: interfaceOf(dumped.config),
    master_priority: status.state === "BACKUP" ? (status.master?.priority ?? 0) : 0,
    last_transition: Date.parse(status.since) / 1000,
    garp_delay: announce.delayMs / 1000,
    garp_refresh: announce.refreshMs / 1000,
    garp_rep: announce.repeat,
    garp_refresh_rep: announce.refreshRepeat,
    garp_lower_prio_delay: announce.lowerDelayMs / 1000,
    garp_lower_prio_rep: announce.lowerRepeat,
    lower_prio_no_advert: Number(!policy.answersLower),
    higher_prio_send_advert: Number(policy.saysFarewell),
    vrid: vrrp.vrid,
    base_priority: status.base_priority,
    effective_priority: status.priority,
    vipset: status.state === "MASTER",
    promote_secondaries: holds.promoteSecondaries,
    adver_int: vrrp.advertIntervalMs / 1000,
    master_adver_int: status.advert_interval_ms / 1000,
    accept: Number(holds.accept),
    nopreempt: !vrrp.preempt,
    preempt_delay: policy.preemptDelayMs / 1000,
    state,
    wantstate: status.state === "INIT" ? STATES.indexOf(vrrp.initialState) : state,
    version: vrrp.version,
    smtp_alert: hooks.smtpAlert,
    notify_deleted: hooks.notifyDeleted !== null,
    ...scriptsOf(dumped),
    ...listOf(
      "vips",
      vips.map((vip) => addressText(vip, dumped)),
    ),
    ...listOf(
      "evips",
      holds.excluded.map((vip) => addressText(vip, dumped)),
    ),
    ...listOf(
      "vroutes",
      holds.routes.map(({ line }) => line),
    ),
    ...listOf(
      "vrules",
      holds.rules.map(({ line }) => line),
    ),
    ...listOf("track_ifp", tracking.uses.filter(({ kind }) => kind === "interface").map(nameOf)),
    ...listOf("track_script", commandsOf(dumped, config)),
    auth_type: vrrp.auth.password === null ? 0 : 1,
    // keepalived before 2.4 wrote the password itself.
    ...(vrrp.auth.password === null ? {} : { auth_data: "********" }),
  };
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

/** What there is none of is left out. */
function listOf(key: string, items: readonly string[]): Readonly<Record<string, unknown>> {
  return items.length === 0 ? {} : { [key]: items };
}

function scriptsOf({ config: { hooks } }: Dumped): Readonly<Record<string, string>> {
  const scripts: readonly (readonly [string, string | null])[] = [
    ["script_backup", hooks.notifyBackup],
    ["script_master", hooks.notifyMaster],
    ["script_fault", hooks.notifyFault],
    ["script_stop", hooks.notifyStop],
    ["script_deleted", hooks.notifyDeleted],
    ["script", hooks.notify],
    ["script_master_rx_lower_pri", hooks.notifyMasterRxLowerPri],
  ];
  return Object.fromEntries(
    scripts.flatMap(([key, command]) => (command === null ? [] : [[key, commandText(command)]])),
  );
}

function commandsOf(dumped: Dumped, { vrrpScripts }: Config): readonly string[] {
  return dumped.config.trackScripts.flatMap(({ name }) => {
    const script = vrrpScripts.find((each) => each.name === name);
    return script === undefined ? [] : [commandText(script.command)];
  });
}

/** terminate_delay is what passes until one that ended counts, fork_delay until a new one does; in seconds. */
function processesOf({ trackers }: Config, status: Status): readonly unknown[] {
  return trackers.processes.map((tracked) => {
    const known = status.trackers?.find(
      ({ kind, name }) => kind === "process" && name === tracked.name,
    );
    return {
      process: tracked.program,
      parameters: tracked.parameters.join(" "),
      param_match: tracked.match,
      min_processes: tracked.quorum,
      max_processes: tracked.quorumMax ?? 0xffff_ffff,
      current_processes: known?.value ?? 0,
      have_quorum: known?.up === true,
      weight: tracked.weight,
      terminate_delay: tracked.downDelayMs / 1000,
      fork_delay: tracked.upDelayMs / 1000,
    };
  });
}
