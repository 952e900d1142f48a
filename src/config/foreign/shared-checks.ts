// Checks that other programs write into each real server, as sections: one for all real servers that have the same.

import type { Around } from "./around.ts";
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
      const name = freeName([check.valueOf("type") ?? "", ...hints], taken);
      names.set(text, name);
      const made = around.open("check", [name], check.line);
      for (const { key, value, line, list } of check.entries) {
        if (list) made.add(key, value ?? "", line);
        else made.set(key, value ?? "", line);
      }
      return name;
    },
  };
}

/** "http-status-html" for one of /status.html. */
function freeName(hints: readonly string[], taken: Set<string>): string {
  const base = hints
    .map((hint) => hint.replace(/[^\w]+/g, "-").replace(/^-+|-+$/g, ""))
    .filter((hint) => hint !== "")
    .join("-")
    .slice(0, 40);
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}-${i}`;
  taken.add(name);
  return name;
}

function compareWords(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
