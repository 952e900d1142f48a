// What duet check has found: the line that sums it up, and its JSON.

import type { Problem } from "../config/model.ts";
import type { PairProblem } from "../config/pair/node.ts";

export type Findings = {
  readonly valid: boolean;
  /** null = it is not valid, so nobody knows. */
  readonly instances: number | null;
  readonly services: number | null;
  readonly problems: readonly PairProblem[];
};

/** "OK: 2 instances, 3 services, 0 problems" */
export function lastLine({ valid, instances, services, problems }: Findings): string {
  const counts = countsOf(problems);
  const found = [
    counted(counts.errors, "error"),
    counted(counts.warnings, "warning"),
    counted(counts.notes, "note"),
  ].filter((text) => !text.startsWith("0 "));
  if (!valid) return `INVALID: ${found.join(", ")}`;
  const what = [counted(instances ?? 0, "instance"), counted(services ?? 0, "service")];
  return `OK: ${[...what, ...(found.length === 0 ? ["0 problems"] : found)].join(", ")}`;
}

/** Later versions add keys only. */
export function jsonOf({ valid, instances, services, problems }: Findings): unknown {
  return {
    valid,
    instances,
    services,
    ...countsOf(problems),
    problems: problems.map(({ file, line, severity, message, other }) => ({
      file,
      line,
      severity,
      message,
      ...(other && { other: { file: other.file, line: other.line } }),
    })),
  };
}

function countsOf(problems: readonly Problem[]): {
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
} {
  const count = (severity: Problem["severity"]): number =>
    problems.filter((one) => one.severity === severity).length;
  return { errors: count("error"), warnings: count("warning"), notes: count("note") };
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
