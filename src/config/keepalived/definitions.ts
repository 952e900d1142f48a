// $NAME and ${NAME} in a line of keepalived.conf: definitions of the file, and what keepalived defines itself.

import type { Outside } from "./outside.ts";

export type Definitions = Map<string, string>;

export type Around = {
  /** The folder of the file that is read. */
  readonly folder: string;
  readonly outside: Pick<Outside, "environment" | "configId">;
  readonly definitions: Pick<Definitions, "get">;
};

/** How many characters one line may still become: definitions of definitions multiply. */
export type Budget = { left: number };

/** A definition that names itself has no end. */
const DEPTH_MAX = 16;

// The bare form needs white space or the end behind it; what is not defined stays as it is written.
const USE = /\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)(?=\s|$)|\$\{_ENV\s+(\w+)\}/g;

/** What is beyond the budget stays as it is written, and the budget is below zero. */
export function expand(line: string, around: Around, budget: Budget, depth = 0): string {
  if (!line.includes("$") || depth === DEPTH_MAX) return line;
  return line.replace(USE, (whole, braced?: string, bare?: string, variable?: string) => {
    if (variable !== undefined) return around.outside.environment(variable) ?? "";
    const value = valueOf(braced ?? bare ?? "", around);
    if (value === undefined) return whole;
    budget.left -= value.length;
    return budget.left < 0 ? whole : expand(value, around, budget, depth + 1);
  });
}

function valueOf(name: string, { folder, outside, definitions }: Around): string | undefined {
  switch (name) {
    case "_PWD":
      return folder;
    case "_INSTANCE":
      return outside.configId;
    case "_HASH":
      return "#";
    case "_BANG":
      return "!";
    default:
      return definitions.get(name);
  }
}
