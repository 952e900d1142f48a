// `duet run`: the options of the command, then the guardian.

import { parseArgs } from "node:util";
import { READ_OPTIONS, READ_USAGE, readOptionsOf } from "../../config/read-options.ts";
import { errorText } from "../../lib/errors.ts";
import { LOG_LEVELS } from "../../lib/log.ts";
import { runDirOf } from "../../lib/run-dir.ts";
import { type GuardianOptions, runGuardian } from "./guardian.ts";
import type { Wish } from "./wishes.ts";

const USAGE = `Usage: duet run [-f FILE] ${READ_USAGE} [--run-dir DIR] [--log-level LEVEL]`;

/** Exit status: 0 stopped, 1 refused to start, 2 usage. */
export async function runRun(
  args: readonly string[],
  program: string,
  early: readonly Wish[],
): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...READ_OPTIONS,
        file: { type: "string", short: "f", default: "/etc/duet/duet.ini" },
        "run-dir": { type: "string", default: runDirOf() },
        "log-level": { type: "string", default: "info" },
      },
    });
    const logLevel = LOG_LEVELS.find((level) => level === values["log-level"]);
    if (logLevel === undefined) {
      return usage(
        `Cannot use log level "${values["log-level"]}": it is one of ${LOG_LEVELS.join(" ")}`,
      );
    }
    const how = readOptionsOf(values);
    if (typeof how === "string") return usage(how);
    const { file, "run-dir": runDir } = values;
    return await startGuardian({ file, how, runDir, logLevel, program, early });
  } catch (error) {
    return usage(errorText(error));
  }
}

/** Exit status: 0 stopped, 1 refused to start. */
export async function startGuardian(options: GuardianOptions): Promise<number> {
  try {
    return await runGuardian(options);
  } catch (error) {
    process.stderr.write(`duet: ${errorText(error)}\n`);
    return 1;
  }
}

function usage(problem: string): number {
  process.stderr.write(`duet run: ${problem}\n${USAGE}\n`);
  return 2;
}
