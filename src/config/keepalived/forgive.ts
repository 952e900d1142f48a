// Rules between keys that keepalived does not have, or that it reports and goes on: the line that breaks one is left out, and
// told, as long as the rest can run without it.

import type { Problem } from "../model.ts";
import type { NativeResult } from "../native.ts";
import { placed } from "../places.ts";
import type { LineProblem, RawSection, Scan } from "../schema/lines.ts";
import { kindOf } from "../schema/titles.ts";
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

/** null = an error is of a section that cannot be left out, or of no section at all. */
function withoutLines(
  sections: readonly RawSection[],
  problems: readonly Problem[],
): { readonly sections: readonly RawSection[]; readonly told: readonly LineProblem[] } | null {
  const errors = problems.filter(({ severity }) => severity === "error");
  const wrong = new Map(errors.map(({ line, message }) => [line, message]));
  const isWrong = ({ line }: { readonly line: number }): boolean => wrong.has(line);
  const left = sections.filter((one) => !isWrong(one));
  const gone = sections.filter(isWrong);
  const lines = new Set(
    [...gone, ...left.flatMap(({ entries }) => entries)].map(({ line }) => line),
  );
  if (gone.some(isIndispensable) || [...wrong.keys()].some((line) => !lines.has(line))) return null;
  return {
    sections: left.map((section) =>
      withoutAddresses({ ...section, entries: section.entries.filter((one) => !isWrong(one)) }),
    ),
    told: [...wrong].map(([line, message]) => ({
      line,
      message: `${message}; it is left out`,
      severity: "warning",
    })),
  };
}

/** keepalived goes on without any other. */
function isIndispensable({ name = "" }: RawSection): boolean {
  return ["vrrp_instance", "global"].includes(kindOf(name).kind);
}

/** An instance may be left without an address. */
function withoutAddresses(section: RawSection): RawSection {
  const { name = "", line, entries } = section;
  const key = "no_virtual_ipaddress";
  const isRight = entries.some((one) => one.key === "virtual_ipaddress" || one.key === key);
  if (kindOf(name).kind !== "vrrp_instance" || isRight) return section;
  const none = { key, value: "yes", line, list: false, bare: false, judged: undefined };
  return { ...section, entries: [...entries, none] };
}
