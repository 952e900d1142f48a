// Config -> canonical INI, every value written out. Reading it again gives the same Config. Checks that no
// real server uses are not part of a Config, so they are not printed.

import { lvsRowsOf } from "./director/lvs.ts";
import { directorSections } from "./director/print.ts";
import type { Config, VrrpInstanceConfig, VrrpScriptConfig, VrrpSyncGroupConfig } from "./model.ts";
import { globalRows, hookRows } from "./node/notify.ts";
import { schedulingRowsOf } from "./node/scheduling.ts";
import { type Row, rowsOf } from "./schema/fields.ts";
import { formatDuration, printWeight, yesNo } from "./schema/plain-types.ts";
import { printIdentity } from "./schema/users.ts";
import { wayRows } from "./vrrp/adverts.ts";
import { announceRowsOf, nodeRowsOf, pacingSections, policyRowsOf } from "./vrrp/announce.ts";
import { authRowsOf } from "./vrrp/auth.ts";
import { heldRowsOf, printVip, staticRowsOf } from "./vrrp/held.ts";
import { instanceHookRows, vrrpScriptKeys, vrrpSyncGroupKeys } from "./vrrp/keys.ts";
import { trackedRow, trackerSections, trackingRows } from "./vrrp/trackers.ts";
import { virtualLinkRowsOf } from "./vrrp/virtual-link.ts";

export function printConfig(config: Config): string {
  return printedSections(config)
    .map(([title, rows]) => section(title, rows))
    .join("\n");
}

export type PrintedSection = readonly [title: string, rows: readonly Row[]];

export function printedSections(config: Config): readonly PrintedSection[] {
  const globals: PrintedSection = [
    "global",
    [
      ["router_id", config.global.routerId],
      ["hook_timeout", formatDuration(config.global.hookTimeoutMs)],
      ["log_unknown_vrids", yesNo(config.global.logUnknownVrids)],
      ["vmac_addr_prefix", config.global.addressLinkPrefix],
      ...staticRowsOf(config.statics),
      ...nodeRowsOf(config.startDelay, config.pacing),
      ...schedulingRowsOf(config.scheduling),
      ...globalRows(config),
      ...lvsRowsOf(config),
    ],
  ];
  return [
    globals,
    ...config.vrrpScripts.map(printScript),
    ...trackerSections(config.trackers),
    ...pacingSections(config.pacing),
    ...config.vrrpInstances.map(printInstance),
    ...config.vrrpSyncGroups.map(printGroup),
    ...directorSections(config),
  ];
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

function printScript(script: VrrpScriptConfig): PrintedSection {
  const rows: readonly Row[] = [
    ...rowsOf(vrrpScriptKeys.keys, script),
    ["timeout", formatDuration(script.timeoutMs)],
    ["weight", printWeight(script)],
    ["user", printIdentity(script.user)],
  ];
  return [`vrrp_script.${script.name}`, rows];
}

function printInstance({
  vrrp,
  way,
  link,
  addressLinks,
  vips,
  holds,
  announce,
  hooks,
  trackScripts,
  tracking,
}: VrrpInstanceConfig): PrintedSection {
  const rows: readonly Row[] = [
    ["state", vrrp.initialState],
    ["interface", vrrp.interface],
    ["virtual_router_id", vrrp.vrid],
    ["priority", vrrp.priority],
    ["advert_int", formatDuration(vrrp.advertIntervalMs)],
    ["version", vrrp.version],
    ["nopreempt", yesNo(!vrrp.preempt)],
    ["no_virtual_ipaddress", yesNo(vips.length === 0)],
    ...vips.map((vip): Row => ["virtual_ipaddress[]", printVip(vip, addressLinks)]),
    ...virtualLinkRowsOf(link),
    ...heldRowsOf(holds, addressLinks),
    ...trackScripts.map((script): Row => trackedRow({ kind: "script", ...script })),
    ...trackingRows(tracking),
    ...wayRows(way),
    ...policyRowsOf(vrrp.policy),
    ...announceRowsOf(announce),
    ...authRowsOf(vrrp.auth),
    ...rowsOf(instanceHookRows, hooks),
    ...hookRows(hooks),
  ];
  return [`vrrp_instance.${vrrp.name}`, rows];
}

function printGroup(group: VrrpSyncGroupConfig): PrintedSection {
  const rows: readonly Row[] = [
    ...rowsOf(vrrpSyncGroupKeys.keys, { ...group, ...group.hooks }),
    ...group.tracked.map(trackedRow),
    ...hookRows(group.hooks),
  ];
  return [`vrrp_sync_group.${group.name}`, rows];
}
