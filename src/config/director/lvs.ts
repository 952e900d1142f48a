// What [global] says of IPVS as a whole: rows, rules, and what they come to.

import type { LvsConfig, SyncConfig } from "../../ipvs/lvs.ts";
import type { Config } from "../model.ts";
import { lvsRows, markTableRows } from "../node/keys-parts.ts";
import { familyIn } from "../schema/addresses.ts";
import { fieldsOf, type Row, rowsOf } from "../schema/fields.ts";
import type { Report } from "../schema/lines.ts";
import { yesNo } from "../schema/plain-types.ts";
import { type Draft, lineOf } from "../schema/section.ts";
import { serversByService, serviceKeysOf, sorryMethodOf } from "./effective.ts";
import { syncDaemon } from "./ipvs-lines.ts";

export function judgeLvs(draft: Draft, report: Report): void {
  const { global } = draft;
  if (global.values.lvs_sync_daemon === undefined) return;
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
      (each) => each.values.lb_kind.forward === "TUN" && isOther(each.values.address?.address),
    );
    if (server !== undefined) return server.title;
  }
  return undefined;
}

export function buildLvs(draft: Draft): LvsConfig {
  const { values } = draft.global;
  return {
    sync: buildSync(draft),
    ...fieldsOf(lvsRows, values),
    flushOnStop: values.lvs_flush_on_stop === "yes",
    keepOnStop: values.lvs_flush_on_stop === "nothing",
    marks: fieldsOf(markTableRows, values),
  };
}

function buildSync(draft: Draft): SyncConfig | null {
  const line = draft.global.values.lvs_sync_daemon;
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
    ["lvs_flush_on_stop", lvs.keepOnStop ? "nothing" : yesNo(lvs.flushOnStop)],
    ...rowsOf(markTableRows, lvs.marks),
  ];
}
