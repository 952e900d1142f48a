// The lines of what is tracked and announced.

import { interfaceName } from "../schema/addresses.ts";
import { accept } from "../schema/judged.ts";
import { duration, integer, name, weight } from "../schema/plain-types.ts";
import type { ExtraIf, InitFile, Tracked } from "../schema/row.ts";
import type { KeyType } from "../schema/type.ts";
import { first, flag, lineType, madeOf, option, perhaps } from "../schema/words.ts";

export function tracked(max: 253 | 254, what: "interface" | "name" = "name"): KeyType<Tracked> {
  return lineType(
    {
      name: first(what.toUpperCase(), what === "interface" ? interfaceName : name),
      weight: option("weight", "N [reverse]", weight(max), { rest: true }),
    },
    { about: (line) => line.name },
  );
}

const seconds = duration({ minMs: 0, maxMs: 86_400_000, wholeSeconds: true });

export const extraIf: KeyType<ExtraIf> = lineType({
  all: flag("all"),
  everyMs: first("SECONDS", seconds),
});

const INIT_MAX = 999_999_999;

export const initFile: KeyType<InitFile> = madeOf(
  lineType({
    value: perhaps("NUMBER", integer(-INIT_MAX, INIT_MAX)),
    overwrite: flag("overwrite"),
  }),
  ({ value, overwrite }) => accept({ value: value ?? 0, overwrite }),
  (line) => line,
);
