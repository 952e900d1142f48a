// What [global] says of IPVS as a whole: rows, rules, and what they come to.

import type { LvsConfig, SyncConfig } from "../../ipvs/lvs.ts";
import { familyIn, serversByService, serviceKeysOf, sorryMethodOf } from "../effective.ts";
import type { Config } from "../model.ts";
import { fieldsOf, type Row, rowsOf } from "../schema/fields.ts";
import { bool, oneOf, yesNo } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { type Draft, lineOf } from "../schema/section.ts";
import type { Report } from "../validate.ts";
import { lvsSysctl, lvsTimeouts, syncDaemon } from "./ipvs-lines.ts";
import { markTableRows } from "./marks.ts";

// biome-ignore format: a table, a row a key
export const lvsRows = {
  lvs_sync_daemon: { type: syncDaemon, refers: "vrrp_instance", otherwise: "none", example: "eth1 id 51",
    doc: "Connection sync: with an INSTANCE the master daemon while that is MASTER and the backup daemon else, without one both (dual master). id: that of the instance's VRID, else 0" },
  lvs_timeouts: { field: "timeouts", type: lvsTimeouts, otherwise: "as they are", example: "tcp 900 tcpfin 120 udp 300",
    doc: "How long the kernel keeps the entry of a silent connection; put back at a stop" },
  lvs_sysctl: { field: "sysctls", type: lvsSysctl, list: true, unique: "here", example: "expire_nodest_conn 1",
    doc: "A setting of net.ipv4.vs while duet runs; put back at a stop, and after a crash" },
  lvs_ip_forward: { field: "ipForward", type: bool, default: "yes",
    doc: "NAT needs net.ipv4.ip_forward: yes = it is set while a NAT service is there, no = such a service is refused where it is off" },
  lvs_drift: { field: "drift", type: oneOf("repair", "report"), default: "repair",
    doc: "What somebody else does to duet's services: put right within a second, or only told in the log and status" },
  lvs_flush: { field: "flush", type: bool, default: "no",
    doc: "At the start of duet all services go that are not configured, whoever made them; those that are configured are adopted" },
  lvs_flush_on_stop: { type: oneOf("no", "yes", "VS"), default: "no",
    doc: "What a stop removes: yes = all services, whoever made them; no and VS = those of duet" },
} as const satisfies Record<string, KeySpec>;

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
    ["lvs_flush_on_stop", yesNo(lvs.flushOnStop)],
    ...rowsOf(markTableRows, lvs.marks),
  ];
}
