// The pid files of the program that duet stands in for: scripts, exporters and PIDFile= of a unit go by them.

import { readFileSync, rmSync } from "node:fs";
import type { ProcessStatus } from "../../../control/status.ts";
import { replaceFile } from "../../../lib/durable.ts";
import { errorText } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import type { PidFiles } from "./stand-in.ts";

export type PidFileKeeper = {
  /** Who runs now: a process that was started again has another number. */
  readonly update: (processes: readonly Pick<ProcessStatus, "role" | "pid">[]) => void;
  /** Takes those away that still name ours. */
  readonly close: () => void;
};

export function openPidFiles(files: PidFiles, log: Log): PidFileKeeper {
  /** By path, what was written there last. */
  const written = new Map<string, string>();

  function write(path: string, text: string): void {
    if (written.get(path) === text) return;
    written.set(path, text);
    try {
      // As keepalived's: any user may read it.
      replaceFile(path, text, { mode: 0o644 });
    } catch (error) {
      log.error({ file: path, error: errorText(error) }, "pid file not written");
    }
  }

  function remove(path: string): void {
    const text = written.get(path);
    written.delete(path);
    // Somebody else's by now, perhaps.
    if (text !== undefined && textOf(path) === text) rmSync(path, { force: true });
  }

  return {
    update(processes) {
      for (const [role, path] of Object.entries(files)) {
        const pid = processes.find((each) => each.role === role)?.pid;
        if (pid === undefined) remove(path);
        else write(path, `${pid}\n`);
      }
    },
    close() {
      for (const path of written.keys()) remove(path);
    },
  };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
