// Config -> canonical INI, every value written out. Reading it again gives the same Config. Checks that no
// real server uses are not part of a Config, so they are not printed.

import type { CheckConfig } from "../check/model.ts";
import { wayRows } from "./adverts.ts";
import { announceRowsOf, nodeRowsOf, pacingSections, policyRowsOf } from "./build-announce.ts";
import { authRowsOf } from "./build-auth.ts";
import type {
  Config,
  RealServerConfig,
  VirtualServerConfig,
  VrrpInstanceConfig,
  VrrpScriptConfig,
  VrrpSyncGroupConfig,
} from "./model.ts";
import { heldRows, printVip, staticRows } from "./print-held.ts";
import { globalRows, hookRows, printUser } from "./print-notify.ts";
import {
  printWeight,
  type Row,
  trackedRow,
  trackerSections,
  trackingRows,
  yesNo,
} from "./print-trackers.ts";
import { formatDuration } from "./values.ts";

export function printConfig(config: Config): string {
  const servers = config.virtualServers.flatMap(({ realServers }) => realServers);
  const checks = new Map<string, PrintedCheck>();
  for (const check of servers.flatMap((server) => server.checks)) noteCheck(checks, check);
  const sections = [
    section("global", [
      ["router_id", config.global.routerId],
      ["hook_timeout", formatDuration(config.global.hookTimeoutMs)],
      ["log_unknown_vrids", yesNo(config.global.logUnknownVrids)],
      ...staticRows(config.statics),
      ...nodeRowsOf(config.startDelay, config.pacing),
      ...globalRows(config),
    ]),
    ...config.vrrpScripts.map(printScript),
    ...trackerSections(config.trackers).map(([title, rows]) => section(title, rows)),
    ...pacingSections(config.pacing).map(([title, rows]) => section(title, rows)),
    ...config.vrrpInstances.map(printInstance),
    ...config.vrrpSyncGroups.map(printGroup),
    ...Array.from(checks.values(), printCheck),
    ...config.virtualServers.flatMap((service) => [
      printVirtualServer(service),
      ...service.realServers.map((server) => printRealServer(server, service, checks)),
    ]),
  ];
  return sections.join("\n");
}

/** One value as it has to be written so that it is read as it is. */
export function printValue(value: string): string {
  const plain = value === value.trim() && !/^["']|["']$|[;#\\]|[^\x20-\u{10ffff}]/u.test(value);
  return plain ? value : JSON.stringify(value);
}

function section(title: string, rows: readonly Row[]): string {
  const lines = rows.flatMap(([key, value]) =>
    value === null ? [] : [`${key} = ${printValue(String(value))}\n`],
  );
  return `[${title}]\n${lines.join("")}`;
}

function printScript(script: VrrpScriptConfig): string {
  return section(`vrrp_script.${script.name}`, [
    ["script", script.command],
    ["interval", formatDuration(script.intervalMs)],
    ["timeout", formatDuration(script.timeoutMs)],
    ["weight", printWeight(script)],
    ["rise", script.rise],
    ["fall", script.fall],
    ["init_fail", yesNo(script.initFail)],
    ["user", printUser(script.user)],
  ]);
}

function printInstance({
  vrrp,
  way,
  vips,
  holds,
  announce,
  hooks,
  trackScripts,
  tracking,
}: VrrpInstanceConfig): string {
  return section(`vrrp_instance.${vrrp.name}`, [
    ["state", vrrp.initialState],
    ["interface", vrrp.interface],
    ["virtual_router_id", vrrp.vrid],
    ["priority", vrrp.priority],
    ["advert_int", formatDuration(vrrp.advertIntervalMs)],
    ["version", vrrp.version],
    ["nopreempt", yesNo(!vrrp.preempt)],
    ["no_virtual_ipaddress", yesNo(vips.length === 0)],
    ...vips.map((vip): Row => ["virtual_ipaddress[]", printVip(vip)]),
    ...heldRows(holds),
    ...trackScripts.map((script): Row => trackedRow({ kind: "script", ...script })),
    ...trackingRows(tracking),
    ...wayRows(way),
    ...policyRowsOf(vrrp.policy),
    ...announceRowsOf(announce),
    ...authRowsOf(vrrp.auth),
    ...hookRows(hooks),
    ["notify_deleted", hooks.notifyDeleted],
    ["notify_master_rx_lower_pri", hooks.notifyMasterRxLowerPri],
  ]);
}

function printGroup(group: VrrpSyncGroupConfig): string {
  const { name, members, tracked, trackingWeight, hooks } = group;
  return section(`vrrp_sync_group.${name}`, [
    ...members.map((member): Row => ["group[]", member]),
    ...tracked.map(trackedRow),
    ["sync_group_tracking_weight", yesNo(trackingWeight)],
    ...hookRows(hooks),
  ]);
}

type TimingKey = "interval" | "timeout" | "retry" | "delay_before_retry" | "rise";
type Timing = Readonly<Record<TimingKey, string | number>>;

/** Where its uses differ, the value was a real server's, and is printed there. */
type PrintedCheck = {
  readonly check: CheckConfig;
  readonly timing: Timing;
  differing: Set<TimingKey>;
};

const timingKeys = [
  "interval",
  "timeout",
  "retry",
  "delay_before_retry",
  "rise",
] as const satisfies readonly TimingKey[];

function timingOf(check: CheckConfig): Timing {
  return {
    interval: formatDuration(check.intervalMs),
    timeout: formatDuration(check.timeoutMs),
    retry: check.retry,
    delay_before_retry: formatDuration(check.delayBeforeRetryMs),
    rise: check.rise,
  };
}

function noteCheck(checks: Map<string, PrintedCheck>, check: CheckConfig): void {
  const timing = timingOf(check);
  const known = checks.get(check.name);
  if (known === undefined) {
    checks.set(check.name, { check, timing, differing: new Set() });
    return;
  }
  for (const key of timingKeys) if (known.timing[key] !== timing[key]) known.differing.add(key);
}

function printCheck({ check, timing, differing }: PrintedCheck): string {
  const http: readonly Row[] =
    check.type === "tcp"
      ? []
      : [
          ["path", check.path],
          ["host", check.host],
          [
            "status",
            check.status.map(([low, high]) => (low === high ? low : `${low}-${high}`)).join(" "),
          ],
          ["body", check.body?.kind === "text" ? check.body.text : null],
          ["regex", check.body?.kind === "regex" ? check.body.source : null],
        ];
  return section(`check.${check.name}`, [
    ["type", check.type],
    ...http,
    ...timingKeys.map((key): Row => [key, differing.has(key) ? null : timing[key]]),
    ["port", check.port],
  ]);
}

function printVirtualServer(service: VirtualServerConfig): string {
  const { key, persistence, sorryServer } = service;
  return section(`virtual_server.${service.name}`, [
    ...(key.kind === "fwmark"
      ? [["fwmark", key.fwmark] as const]
      : [["address", endpoint(key)] as const, ["protocol", key.protocol] as const]),
    ["lb_algo", service.scheduler],
    ["lb_kind", service.forward],
    ["persistence_timeout", persistence?.timeoutS ?? null],
    ["persistence_granularity", persistence?.prefixLength ?? null],
    ["quorum", service.quorum],
    ["hysteresis", service.hysteresis],
    ["sorry_server", sorryServer && endpoint(sorryServer)],
    ["smtp_alert", yesNo(service.smtpAlert)],
  ]);
}

function printRealServer(
  server: RealServerConfig,
  service: VirtualServerConfig,
  checks: ReadonlyMap<string, PrintedCheck>,
): string {
  const { destination } = server;
  const timing = new Map<TimingKey, string | number>();
  for (const check of server.checks) {
    const values = timingOf(check);
    for (const key of checks.get(check.name)?.differing ?? []) timing.set(key, values[key]);
  }
  return section(`real_server.${service.name}.${server.name}`, [
    ["address", endpoint(destination)],
    ["weight", destination.weight],
    ["lb_kind", destination.forward],
    ["inhibit_on_failure", yesNo(server.inhibitOnFailure)],
    ["smtp_alert", yesNo(server.smtpAlert)],
    ...server.checks.map(({ name }): Row => ["check[]", name]),
    ...timing,
  ]);
}

/** Port 0 (behind a mark) is not written. */
function endpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  if (port === 0) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
