// Problems of a configuration file as the guardian says them: lines of the log, reasons of a refusal.

import type { Problem } from "../config/model.ts";
import type { Log } from "../lib/log.ts";

export function logProblems(log: Log, problems: readonly Problem[]): void {
  for (const { file, line, message, severity } of problems) {
    log[severity === "error" ? "error" : "warn"]({ file, line, problem: message }, "configuration");
  }
}

export function problemText({ file, line, message }: Problem): string {
  return `${file}:${line}: ${message}`;
}
