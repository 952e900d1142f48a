// What [global] says of IPVS as a whole: its rules, its part of the configuration, and its rows of canonical INI.

import type { LvsConfig, SyncConfig } from "../ipvs/lvs.ts";
import { type Draft, lineOf } from "./draft.ts";
import {
  familyIn,
  forwardOf,
  serversByService,
  serviceKeysOf,
  sorryMethodOf,
} from "./effective.ts";
import { fieldsOf, type Row, rowsOf } from "./fields.ts";
import { lvsRows } from "./keys-lvs.ts";
import { markTableRows } from "./keys-marks.ts";
import type { Config } from "./model.ts";
import { yesNo } from "./plain-types.ts";
import { didYouMean } from "./suggest.ts";
import type { Report } from "./validate.ts";
import { syncDaemon } from "./values-ipvs.ts";

export function judgeLvs(draft: Draft, report: Report): void {
  const [global] = draft.global;
  const seen = new Set<string>();
  for (const { value, line } of global.values.lvs_sysctl) {
    if (seen.has(value.name))
      report(line, `Cannot use lvs_sysctl ${value.name} twice: once is enough`);
    seen.add(value.name);
  }
  const sync = global.values.lvs_sync_daemon;
  if (sync === undefined) return;
  const names = draft.vrrp_instance.map(({ labels }) => labels[0] ?? "");
  if (sync.instance !== null && !names.includes(sync.instance)) {
    report(
      lineOf(global, "lvs_sync_daemon"),
      `Cannot use instance "${sync.instance}" in lvs_sync_daemon: there is no [vrrp_instance.${sync.instance}]${didYouMean(sync.instance, names)}`,
    );
  }
  const mixed = mixedFamilies(draft);
  if (mixed === undefined) return;
  report(
    lineOf(global, "lvs_sync_daemon"),
    `Cannot use lvs_sync_daemon with [${mixed}] (another address family than its service's): the kernel's connection sync has one family`,
  );
}

/** ip_vs_sync.c, start_sync_thread(): EINVAL while there is one. */
function mixedFamilies(draft: Draft): string | undefined {
  const servers = serversByService(draft);
  for (const service of draft.virtual_server) {
    const behind = servers.get(service.labels[0] ?? "") ?? [];
    const families = (serviceKeysOf(service, behind, draft) ?? []).map((key) =>
      key.kind === "fwmark" ? key.family : familyIn(key.address),
    );
    const isOther = (address: string | undefined): boolean =>
      address !== undefined && families.some((family) => family !== familyIn(address));
    const sorry = service.values.sorry_server?.address;
    if (sorryMethodOf(service).forward === "TUN" && isOther(sorry)) return service.title;
    const server = behind.find(
      (each) => forwardOf(each, service) === "TUN" && isOther(each.values.address?.address),
    );
    if (server !== undefined) return server.title;
  }
  return undefined;
}

export function buildLvs(draft: Draft): LvsConfig {
  const { values } = draft.global[0];
  return {
    sync: buildSync(draft),
    ...fieldsOf(lvsRows, values),
    flushOnStop: values.lvs_flush_on_stop === "yes",
    marks: fieldsOf(markTableRows, values),
  };
}

function buildSync(draft: Draft): SyncConfig | null {
  const line = draft.global[0].values.lvs_sync_daemon;
  if (line === undefined) return null;
  const instance = draft.vrrp_instance.find(({ labels }) => labels[0] === line.instance);
  return {
    instance: line.instance,
    interface: line.interface,
    syncId: line.id ?? instance?.values.virtual_router_id ?? 0,
    ...(line.maxlen !== null && { maxLengthBytes: line.maxlen }),
    ...(line.port !== null && { port: line.port }),
    ...(line.ttl !== null && { ttl: line.ttl }),
    ...(line.group !== null && { group: line.group }),
  };
}

export function lvsRowsOf({ lvs }: Config): readonly Row[] {
  const { sync } = lvs;
  return [
    [
      "lvs_sync_daemon",
      sync &&
        syncDaemon.print({
          interface: sync.interface,
          instance: sync.instance,
          id: sync.syncId,
          maxlen: sync.maxLengthBytes ?? null,
          port: sync.port ?? null,
          ttl: sync.ttl ?? null,
          group: sync.group ?? null,
        }),
    ],
    ...rowsOf(lvsRows, lvs),
    ["lvs_flush_on_stop", yesNo(lvs.flushOnStop)],
    ...rowsOf(markTableRows, lvs.marks),
  ];
}
