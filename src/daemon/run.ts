// `duet run`: the options of the command, then the guardian.

import { parseArgs } from "node:util";
import { errorText } from "../lib/errors.ts";
import { LOG_LEVELS, type LogLevel } from "../lib/log.ts";
import { runGuardian } from "./guardian.ts";

const USAGE = "Usage: duet run [-f FILE] [--run-dir DIR] [--log-level LEVEL]";

/** Exit status: 0 stopped, 1 refused to start, 2 usage. */
export async function runRun(args: readonly string[], program: string): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        file: { type: "string", short: "f", default: "/etc/duet/duet.ini" },
        "run-dir": { type: "string", default: process.env["DUET_RUN_DIR"] ?? "/run/duet" },
        "log-level": { type: "string", default: "info" },
      },
    });
    const logLevel = LOG_LEVELS.find((level) => level === values["log-level"]);
    if (logLevel === undefined) {
      return usage(
        `Cannot use log level "${values["log-level"]}": it is one of ${LOG_LEVELS.join(" ")}`,
      );
    }
    return await start(values.file, values["run-dir"], logLevel, program);
  } catch (error) {
    return usage(errorText(error));
  }
}

async function start(
  file: string,
  runDir: string,
  logLevel: LogLevel,
  program: string,
): Promise<number> {
  try {
    return await runGuardian({ file, format: undefined, runDir, logLevel, program });
  } catch (error) {
    process.stderr.write(`duet: ${errorText(error)}\n`);
    return 1;
  }
}

function usage(problem: string): number {
  process.stderr.write(`duet run: ${problem}\n${USAGE}\n`);
  return 2;
}
