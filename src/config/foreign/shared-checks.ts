// Checks that other programs write into each real server, as sections: one for all real servers that have the same.

import { type Around, freeOf } from "./around.ts";
import type { Target } from "./target.ts";

export type SharedChecks = {
  /** The name of the check that says what this one does; `hints` are for people who read it. */
  readonly nameOf: (check: Target, hints: readonly string[]) => string;
};

export function shareChecks(around: Around): SharedChecks {
  /** What a check says -> its name. */
  const names = new Map<string, string>();
  const taken = new Set<string>();
  return {
    nameOf(check, hints) {
      const text = check.entries
        .map(({ key, value }) => `${key} ${value}\n`)
        .sort(compareWords)
        .join("");
      const known = names.get(text);
      if (known !== undefined) return known;
      const name = freeOf(nameFor([check.valueOf("type") ?? "", ...hints]), taken);
      taken.add(name);
      names.set(text, name);
      around.open("check", [name], check.line).takeOver(check);
      return name;
    },
  };
}

/** "http-status-html" for one of /status.html. */
function nameFor(hints: readonly string[]): string {
  return hints
    .map((hint) => hint.replace(/[^\w]+/g, "-").replace(/^-+|-+$/g, ""))
    .filter((hint) => hint !== "")
    .join("-")
    .slice(0, 40);
}

function compareWords(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
