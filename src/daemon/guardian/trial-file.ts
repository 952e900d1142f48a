// What was confirmed last, on disk while something else is on trial: a duet that dies meanwhile was not confirmed, and the
// next start runs this. In the run directory, which ends with the machine's uptime; of this version of duet only.

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config/model.ts";
import { readRecord, replaceFile } from "../../lib/durable.ts";
import { readVersion } from "../../lib/version.ts";

export type TrialFile = {
  /** It holds secrets: nobody else may read it (mode 600). Throws. */
  readonly write: (file: string, config: Config) => void;
  /** undefined = no trial was left open by a death. */
  readonly read: (file: string) => Config | undefined;
  readonly remove: () => void;
};

export function openTrialFile(runDir: string): TrialFile {
  const path = join(runDir, "confirmed.json");
  const version = readVersion();
  return {
    write: (file, config) => replaceFile(path, JSON.stringify({ version, file, config })),
    read(file) {
      const record = readRecord(path);
      if (record?.["version"] !== version || record["file"] !== file) return undefined;
      return record["config"] as Config | undefined;
    },
    remove: () => rmSync(path, { force: true }),
  };
}
