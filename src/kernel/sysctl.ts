// Kernel settings below /proc/sys. A path is written as there ("net/ipv4/conf/eth0/forwarding"): names of
// interfaces may hold dots.

import { readFileSync, writeFileSync } from "node:fs";

/** undefined = there is no such setting (any more). */
export function readSysctl(path: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${path}`, "utf8").trim();
  } catch {
    return undefined;
  }
}

/** Throws when it is not there or the kernel refuses. */
export function writeSysctl(path: string, value: string): void {
  writeFileSync(`/proc/sys/${path}`, value);
}
