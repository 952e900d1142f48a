// Where the maintenance of this node is written down: the desk keeps it, vrrp reads it at its start, for it waits for nobody.

import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { type Maintenance, maintenanceOf, maintenancePath } from "../../control/maintenance.ts";
import { wallMs } from "../../lib/clock.ts";
import { readRecord, replaceFile } from "../../lib/durable.ts";
import { makeStateDir, stateDirOf } from "../../lib/state-dir.ts";

/** null = none, or it is over. */
export function readMaintenance(runDir: string): Maintenance | null {
  return maintenanceOf(readRecord(pathOf(runDir)), wallMs());
}

/** It is on the disk when this returns; null removes it. Throws. */
export function writeMaintenance(runDir: string, maintenance: Maintenance | null): void {
  const path = pathOf(runDir);
  if (maintenance === null) return rmSync(path, { force: true });
  makeStateDir(dirname(path));
  replaceFile(path, `${JSON.stringify(maintenance)}\n`, { synced: true });
}

function pathOf(runDir: string): string {
  return maintenancePath(stateDirOf(runDir));
}
