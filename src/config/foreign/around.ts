// What the translation of every part of a foreign file shares: the sections so far, [global], what is remarked, and the names that
// sections get.

import { isLabel } from "../schema/judged.ts";
import type { RawSection } from "../schema/lines.ts";
import { type Remarks, Target } from "./target.ts";

export type Around = {
  readonly remarks: Remarks;
  readonly global: Target;
  /** A new section, behind those that are there. */
  readonly open: (kind: string, labels: readonly string[], line: number) => Target;
  /** It is taken back. */
  readonly close: (target: Target) => void;
  /** A foreign name as it may stand in a header here; an interface keeps its own. */
  readonly nameOf: (name: string, isLabel?: boolean) => string;
};

export function openAround(remarks: Remarks): {
  readonly around: Around;
  readonly sections: () => readonly RawSection[];
} {
  const targets: Target[] = [];
  const global = new Target("global", [], 0, remarks);
  const madeOf = new Map<string, string>();
  const made = new Set<string>();
  // Two foreign names must not become one: "a b" and "a-b".
  const nameOf = (name: string, isLabel = true): string => {
    if (!isLabel) return name;
    const known = madeOf.get(name);
    if (known !== undefined) return known;
    const free = freeOf(mended(name), made);
    madeOf.set(name, free);
    made.add(free);
    return free;
  };
  /** TCP and UDP at one address are two services, and a name for people may be written twice. */
  const services = new Set<string>();
  const around: Around = {
    remarks,
    global,
    open: (kind, written, line) => {
      const labels = kind.endsWith("_server")
        ? freeLabels(written.map(mended), services)
        : written.map((label) => nameOf(label, !/^(interface|check)$/.test(kind)));
      const target = new Target(kind, labels, line, remarks);
      targets.push(target);
      return target;
    },
    close: (target) => {
      const at = targets.indexOf(target);
      if (at !== -1) targets.splice(at, 1);
    },
    nameOf,
  };
  return { around, sections: () => [global, ...targets].map((target) => target.section()) };
}

/** As it is, where it may stand in a header. A service without a name is called by its place, as listings call it. */
function mended(name: string): string {
  const text = name.slice(0, NAME_MAX);
  if (isLabel(text)) return text;
  return text.replace(/[^\w-]+/g, "-").replace(/^-|-$/g, "") || "_";
}

/** With room for a number behind it. */
const NAME_MAX = 60;

function freeLabels(labels: readonly string[], taken: Set<string>): readonly string[] {
  const last = labels.at(-1) ?? "";
  const before = labels.length > 1 ? labels[0] : undefined;
  for (let i = 1; ; i++) {
    const name = i === 1 ? last : `${last}-${i}`;
    const key = before === undefined ? name : `${before} ${name}`;
    if (taken.has(key)) continue;
    taken.add(key);
    return before === undefined ? [name] : [before, name];
  }
}

/** "name", or "name-2" when it is taken. */
export function freeOf(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}-${i}`;
  return free;
}
