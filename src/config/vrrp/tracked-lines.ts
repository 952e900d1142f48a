// The lines of what is tracked and announced.

import { isInterfaceName } from "../schema/addresses.ts";
import { accept, isLabel, type Judged, refuse } from "../schema/judged.ts";
import { parseWeight, printWeight } from "../schema/plain-types.ts";
import type { ExtraIf, InitFile, Tracked } from "../schema/row.ts";
import type { KeyType } from "../schema/type.ts";

export function tracked(max: 253 | 254, what: "interface" | "name" = "name"): KeyType<Tracked> {
  return {
    parse: (text) => parseTracked(text, max, what),
    print: ({ name, weight }) => (weight === null ? name : `${name} weight ${printWeight(weight)}`),
    about: ({ name }) => name,
    help: `${what.toUpperCase()} [weight N [reverse]]`,
  };
}

export const extraIf: KeyType<ExtraIf> = {
  parse: parseExtraIf,
  print: ({ everyMs, all }) => `${all ? "all " : ""}${everyMs / 1000}`,
  help: "[all] SECONDS",
};

export const initFile: KeyType<InitFile> = {
  parse: parseInitFile,
  print: ({ value, overwrite }) => `${value}${overwrite ? " overwrite" : ""}`,
  help: "NUMBER [overwrite]",
};

function parseTracked(text: string, max: 253 | 254, what: "interface" | "name"): Judged<Tracked> {
  const right = `${what.toUpperCase()} [weight N [reverse]], with a weight from ${-max} to ${max}`;
  const [name = "", word, ...rest] = text.split(/\s+/);
  if (what === "interface" ? !isInterfaceName(name) : !isLabel(name)) return refuse(right);
  if (word === undefined) return accept({ name, weight: null });
  const weight = word === "weight" ? parseWeight(rest, max) : refuse(right);
  return weight.ok ? accept({ name, weight: weight.value }) : refuse(right);
}

const EXTRA_IF_MAX_S = 86_400;

function parseExtraIf(text: string): Judged<ExtraIf> {
  const [, all, seconds] = /^(all\s+)?(\d+)$/.exec(text) ?? [];
  if (seconds === undefined || Number(seconds) > EXTRA_IF_MAX_S) {
    return refuse(`[all] SECONDS, with 0 to ${EXTRA_IF_MAX_S} seconds, 0 = never`);
  }
  return accept({ everyMs: Number(seconds) * 1000, all: all !== undefined });
}

function parseInitFile(text: string): Judged<InitFile> {
  const match = /^(-?\d{1,9})?(?:(?:^|\s+)(overwrite))?$/.exec(text);
  if (match === null) return refuse("a number, and then perhaps overwrite");
  return accept({ value: Number(match[1] ?? 0), overwrite: match[2] !== undefined });
}
