// Puts the status together out of what the roles answered. Pure.

import type { Degraded } from "../../control/degraded.ts";
import type { Maintenance } from "../../control/maintenance.ts";
import type {
  AddressProbesStatus,
  Confirmation,
  FifoStatus,
  InstanceHooksStatus,
  InstanceStatus,
  LvsStatus,
  MailStatus,
  ProcessStatus,
  ScriptStatus,
  Status,
  SyncGroupStatus,
  TrackerStatus,
  VirtualServerStatus,
} from "../../control/status.ts";
import type { BusRole } from "../process/bus-messages.ts";

export type VrrpBody = {
  readonly vrrp_instances: readonly InstanceStatus[];
  readonly vrrp_sync_groups?: readonly SyncGroupStatus[];
  readonly trackers?: readonly TrackerStatus[];
  readonly unknown_vrids?: number;
  readonly address_probes?: AddressProbesStatus;
  readonly degraded?: readonly Degraded[];
};

export type DirectorBody = {
  readonly virtual_servers: readonly VirtualServerStatus[];
  readonly lvs?: LvsStatus;
  readonly degraded?: readonly Degraded[];
};

export function composeStatus(parts: {
  readonly version: string;
  readonly routerId: string;
  readonly uptimeMs: number;
  readonly processes: readonly ProcessStatus[];
  /** The roles that the configuration needs, and what each answered: undefined = nothing. */
  readonly answers: ReadonlyMap<BusRole, unknown>;
  readonly hooks: readonly InstanceHooksStatus[];
  readonly fifos: readonly FifoStatus[];
  readonly mail: MailStatus | null;
  readonly scripts: readonly ScriptStatus[];
  /** What the desk itself tracks. */
  readonly trackers: readonly TrackerStatus[];
  /** What the desk and the guardian know to be wrong. */
  readonly degraded: readonly Degraded[];
  readonly confirmation: Confirmation | null;
  readonly maintenance: Maintenance | null;
}): Status {
  const { answers } = parts;
  const vrrp = bodyWith<VrrpBody>(answers.get("vrrp"), "vrrp_instances");
  const director = bodyWith<DirectorBody>(answers.get("director"), "virtual_servers");
  return {
    version: parts.version,
    router_id: parts.routerId,
    uptime_s: Math.max(0, Math.round(parts.uptimeMs) / 1000),
    processes: parts.processes,
    vrrp_instances: vrrp?.vrrp_instances ?? [],
    vrrp_sync_groups: vrrp?.vrrp_sync_groups ?? [],
    ...(vrrp?.unknown_vrids === undefined ? {} : { vrrp_unknown_vrids: vrrp.unknown_vrids }),
    ...(vrrp?.address_probes && { vrrp_address_probes: vrrp.address_probes }),
    virtual_servers: director?.virtual_servers ?? [],
    lvs: director?.lvs ?? null,
    degraded: [...parts.degraded, ...[vrrp, director].flatMap((body) => body?.degraded ?? [])],
    hooks: parts.hooks,
    fifos: parts.fifos,
    mail: parts.mail,
    scripts: parts.scripts,
    confirmation: parts.confirmation,
    maintenance: parts.maintenance,
    trackers: [...parts.trackers, ...(vrrp?.trackers ?? [])],
  };
}

/** Of those that were asked. */
export function silentRoles(answers: ReadonlyMap<BusRole, unknown>): readonly BusRole[] {
  const lists = { vrrp: "vrrp_instances", director: "virtual_servers" } as const;
  return [...answers].filter(([role, body]) => !hasList(body, lists[role])).map(([role]) => role);
}

/** undefined = no such answer. */
export function vrrpBodyOf(body: unknown): VrrpBody | undefined {
  return bodyWith<VrrpBody>(body, "vrrp_instances");
}

/** The list is checked, its items are trusted: they come from a process of the same program. */
function bodyWith<Body>(body: unknown, list: keyof Body & string): Body | undefined {
  return hasList(body, list) ? (body as Body) : undefined;
}

function hasList(body: unknown, list: string): boolean {
  if (typeof body !== "object" || body === null) return false;
  return Array.isArray((body as Readonly<Record<string, unknown>>)[list]);
}
