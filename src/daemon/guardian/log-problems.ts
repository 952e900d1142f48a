// Problems of a configuration file as lines of the log.

import type { Problem } from "../../config/model.ts";
import { wallTime } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";

export function logProblems(log: Log, problems: readonly Problem[]): void {
  for (const problem of problems) {
    const { file, line, message, severity } = problem;
    // One of the file as a whole has no line.
    const place = line === 0 ? { file } : { file, line };
    log[LEVELS[severity]]({ ...place, problem: message }, "configuration");
  }
}

const LEVELS = { error: "error", warning: "warn", note: "info" } as const;

/** For the status, until a reload succeeds; null without a reason: it has. */
export function refusalText(what: string, reasons: readonly string[]): string | null {
  const [first, ...others] = reasons;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return first === undefined ? null : `at ${wallTime()}, ${what}: ${first}${more}`;
}

export function isError({ severity }: Problem): boolean {
  return severity === "error";
}
