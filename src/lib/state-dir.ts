// The directory of what outlives the machine's uptime, which the run directory does not.

import { mkdirSync } from "node:fs";
import { DEFAULT_RUN_DIR } from "./run-dir.ts";

/** What the environment says. A duet with a run directory of its own shares nothing with the one of the system. */
export function stateDirOf(runDir: string): string {
  const given = process.env["DUET_STATE_DIR"];
  return given ?? (runDir === DEFAULT_RUN_DIR ? "/var/lib/duet" : runDir);
}

/** Throws. */
export function makeStateDir(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}
