// The lines of what is tracked and announced.

import { addressLine } from "../schema/address-line.ts";
import { interfaceName } from "../schema/addresses.ts";
import { accept, refuse } from "../schema/judged.ts";
import { duration, integer, name, weight } from "../schema/plain-types.ts";
import { routeLine, ruleLine } from "../schema/routes.ts";
import type { ExtraIf, InitFile, Tracked } from "../schema/row.ts";
import { type KeyType, option as wordAnd } from "../schema/type.ts";
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

const TRACK_GROUP = /(?:^|\s)track_group(?:\s+(\S+))?(?=\s|$)/;

/** A static line, which may have `track_group NAME` at any place: that is printed behind the others. */
function grouped<T extends { readonly trackGroup?: string }>(line: KeyType<T>): KeyType<T> {
  const help = `${line.help} [track_group GROUP]`;
  return {
    ...line,
    help,
    print: (value) =>
      [line.print(value), ...wordAnd("track_group", value.trackGroup ?? null)].join(" "),
    parse(text) {
      const found = TRACK_GROUP.exec(text);
      const judged = line.parse(text.replace(TRACK_GROUP, "").trim());
      if (!judged.ok || found === null) return judged;
      const group = name.parse(found[1] ?? "");
      if (!group.ok) return refuse(`${help}, and track_group GROUP is ${group.mustBe}`);
      return accept({ ...judged.value, trackGroup: group.value }, judged.effect);
    },
  };
}

export const staticAddress = grouped(addressLine);
export const staticRoute = grouped(routeLine);
export const staticRule = grouped(ruleLine);

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
