// Maintenance of a node: it has stepped aside and stays BACKUP until that is over, restarts included.

export type Maintenance = {
  /** ISO 8601. */
  readonly since: string;
  /** ISO 8601: then it ends by itself; null = with `duet maintenance off` only. */
  readonly until: string | null;
  readonly reason: string | null;
};

export type MaintenanceOrder =
  | {
      readonly isOn: true;
      readonly forMs: number | null;
      readonly reason: string | null;
      /** Even where nobody takes over. */
      readonly isForced: boolean;
    }
  | { readonly isOn: false };

export const MAINTENANCE_MS_MIN = 1000;
export const MAINTENANCE_MS_MAX: number = 365 * 24 * 3600 * 1000;
/** It stands in one line of the status. */
export const REASON_LENGTH_MAX = 200;

export function maintenancePath(stateDir: string): string {
  return `${stateDir}/maintenance.json`;
}

/** What the file says at `wallMs`; null = no maintenance, or it is over. */
export function maintenanceOf(
  record: Readonly<Record<string, unknown>> | undefined,
  wallMs: number,
): Maintenance | null {
  const { since, until = null, reason = null } = record ?? {};
  if (typeof since !== "string") return null;
  const maintenance: Maintenance = {
    since,
    until: typeof until === "string" ? until : null,
    reason: typeof reason === "string" ? reason : null,
  };
  return isOver(maintenance, wallMs) ? null : maintenance;
}

export function isOver({ until }: Maintenance, wallMs: number): boolean {
  return until !== null && Date.parse(until) <= wallMs;
}

/** "in maintenance until 2026-01-01T00:00:00.000Z (new disk): it stays BACKUP" */
export function maintenanceText({ until, reason }: Maintenance): string {
  const end = until === null ? "" : ` until ${until}`;
  const why = reason === null ? "" : ` (${reason})`;
  return `in maintenance${end}${why}: it stays BACKUP, whoever else fails`;
}
