// What rows say of keys beside each other: which say nothing without another, and which cannot stand beside one.

import type { LineProblem } from "./lines.ts";
import type { KeySpec } from "./row.ts";

type Rows = Readonly<Record<string, KeySpec>>;

/** A section, as far as its lines tell. */
type Written = { readonly line: number; readonly lines: Readonly<Record<string, number>> };

type Report = (line: number, message: string, severity?: LineProblem["severity"]) => void;

export function judgeRelations(rows: Rows, { lines }: Written, report: Report): void {
  for (const [key, { requires, excludes }] of relatedOf(rows)) {
    const line = lines[key];
    if (line === undefined) continue;
    if (requires !== undefined && !requires.keys.some((other) => lines[other] !== undefined)) {
      const effect = requires.ignored ? ", it is ignored" : "";
      report(
        line,
        `Cannot use ${key} without ${requires.keys.join(" or ")}${effect}: ${requires.why}`,
        requires.ignored ? "warning" : "error",
      );
    }
    const other = lines[excludes ?? ""];
    if (other === undefined) continue;
    const where = "in one check: leave one of them out";
    report(Math.max(line, other), `Cannot use ${excludes} and ${key} ${where}`);
  }
}

type Related = readonly (readonly [string, KeySpec])[];

const known = new WeakMap<Rows, Related>();

/** Thousands of sections have the same rows. */
function relatedOf(rows: Rows): Related {
  const found =
    known.get(rows) ??
    Object.entries(rows).filter(([, { requires, excludes }]) => requires ?? excludes);
  known.set(rows, found);
  return found;
}
