// What the director writes down in the run directory, so that whatever starts after a crash finds it.

import { existsSync } from "node:fs";

/** Services and servers in the kernel that are duet's. */
export function ownedPath(runDir: string): string {
  return `${runDir}/ipvs-owned.json`;
}

/** What the kernel's IPVS settings were. */
export function keptPath(runDir: string): string {
  return `${runDir}/ipvs-settings.json`;
}

/** What sysctls were. */
export function directorSysctlPath(runDir: string): string {
  return `${runDir}/ipvs-sysctl.json`;
}

/** A run that died left something of its director to be cleared away. */
export function hasDirectorLeftovers(runDir: string): boolean {
  return [ownedPath, keptPath, directorSysctlPath].some((path) => existsSync(path(runDir)));
}
