// Rules between keys that keepalived does not have, or that it reports and goes on: the line that breaks one is left out, and
// told, as long as the rest can run without it.

import type { Problem } from "../model.ts";
import type { NativeResult } from "../native.ts";
import { placed } from "../places.ts";
import type { LineProblem, RawSection, Scan } from "../schema/lines.ts";
import type { Places } from "./places.ts";

/** Each round takes at least one line out; files with more kinds of mistakes than that are read by people first. */
const ROUNDS_MAX = 10;

export type Forgiven = {
  readonly result: NativeResult;
  /** What is left of them. */
  readonly sections: readonly RawSection[];
};

export function forgive(scan: Scan, places: Places, read: (scan: Scan) => NativeResult): Forgiven {
  let { sections } = scan;
  const told: LineProblem[] = [...scan.problems];
  for (let round = 1; ; round++) {
    const result = read({ sections, problems: [] });
    const found = result.ok ? result.warnings : result.problems;
    const left = result.ok || round === ROUNDS_MAX ? null : withoutLines(sections, found);
    if (left === null) {
      const problems = [...told, ...found]
        .sort((a, b) => a.line - b.line)
        .map((one) => placed(one, places));
      return {
        result: result.ok ? { ...result, warnings: problems } : { ...result, problems },
        sections,
      };
    }
    sections = left.sections;
    told.push(...left.told);
  }
}

/** null = an error is of a section as a whole, which cannot be left out. */
function withoutLines(
  sections: readonly RawSection[],
  problems: readonly Problem[],
): { readonly sections: readonly RawSection[]; readonly told: readonly LineProblem[] } | null {
  const errors = problems.filter(({ severity }) => severity === "error");
  const wrong = new Map(errors.map(({ line, message }) => [line, message]));
  const heads = new Set(sections.map(({ line }) => line));
  const written = new Set(sections.flatMap(({ entries }) => entries.map(({ line }) => line)));
  if ([...wrong.keys()].some((line) => heads.has(line) || !written.has(line))) return null;
  return {
    sections: sections.map((section) => ({
      ...section,
      entries: section.entries.filter(({ line }) => !wrong.has(line)),
    })),
    told: [...wrong].map(([line, message]) => ({
      line,
      message: `${message}; it is left out`,
      severity: "warning",
    })),
  };
}
