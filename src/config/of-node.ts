// One file for both nodes: [SECTION@NODE] holds on the node of this name alone, [SECTION@^NODE] on every other one. A key of it stands
// in the place of the same key of [SECTION]; all lines of a list together.

import type { Places } from "./keepalived/places.ts";
import { isSectionName, spellingsOf } from "./keys.ts";
import type { LineProblem, RawSection, Scan } from "./schema/lines.ts";
import { kindOf, withLabels } from "./schema/titles.ts";

type Files = Scan & { readonly places: Places | null };

type Condition = { readonly id: string; readonly isNot: boolean };

type Told = { readonly section: RawSection; readonly condition: Condition | null };

export function ofNode(scan: Files, node: string): Files {
  if (!scan.sections.some(({ name }) => name?.includes("@"))) return scan;
  const problems: LineProblem[] = [...scan.problems];
  const told = scan.sections.map((section) => conditionOf(section, problems));
  const labelled = withLabels(told.map(({ section }) => section));
  const here: RawSection[] = [];
  const elsewhere: RawSection[] = [];
  const overlays: RawSection[] = [];
  for (const [index, section] of labelled.entries()) {
    const condition = told[index]?.condition ?? null;
    if (condition === null) here.push(section);
    else if ((condition.id === node) !== condition.isNot) overlays.push(section);
    else elsewhere.push({ ...section, isElsewhere: true });
  }
  judgeTwice(told, labelled, problems);
  warnOfNobody(told, node, problems);
  layAll(overlays, here);
  return { ...scan, sections: [...here, ...elsewhere], problems };
}

/** Takes the condition off the header. */
function conditionOf(section: RawSection, problems: LineProblem[]): Told {
  const found = /^([^@]*)@(\^?)(.*)$/s.exec(section.name ?? "");
  if (found === null) return { section, condition: null };
  const [, name = "", not, id = ""] = found;
  if (/^[\w.-]+$/.test(id)) {
    return { section: { ...section, name: name.trim() }, condition: { id, isNot: not === "^" } };
  }
  const message = `Cannot use section [${section.name}]: behind @ it must be the name of a node, [${name}@NODE] or [${name}@^NODE]`;
  problems.push({ line: section.line, message, severity: "error" });
  return { section: { ...section, name: undefined }, condition: null };
}

function judgeTwice(
  told: readonly Told[],
  labelled: readonly RawSection[],
  problems: LineProblem[],
): void {
  const first = new Map<string, number>();
  for (const [index, { condition }] of told.entries()) {
    const section = labelled[index];
    if (condition === null || section?.name === undefined) continue;
    const suffix = `${condition.isNot ? "^" : ""}${condition.id}`;
    const id = `${idOf(section)} @${suffix}`;
    const before = first.get(id);
    if (before === undefined) first.set(id, section.line);
    else {
      const message = `Cannot use section [${section.name}@${suffix}] twice: line ${before} has it already`;
      problems.push({ line: section.line, message, severity: "error" });
    }
  }
}

/** A name that was mistyped, or a host that was called anew, would be a node without its own lines. */
function warnOfNobody(told: readonly Told[], node: string, problems: LineProblem[]): void {
  const conditions = told.flatMap(({ condition }) => condition ?? []);
  const ids = [...new Set(conditions.map(({ id }) => id))];
  if (conditions.some(({ isNot }) => isNot) || ids.includes(node) || ids.length === 0) return;
  const line = told.find(({ condition }) => condition !== null)?.section.line ?? 0;
  const message = `No section is for this node, "${node}", alone: they are for ${ids.join(", ")} (-i NODE says who it is)`;
  problems.push({ line, message, severity: "warning" });
}

/** Each over the section of its name, or beside the others where there is none. */
function layAll(overlays: readonly RawSection[], here: RawSection[]): void {
  const places = new Map<string, number>();
  for (const [index, section] of here.entries()) {
    const id = idOf(section);
    if (!places.has(id)) places.set(id, index);
  }
  for (const overlay of overlays) {
    const place = places.get(idOf(overlay)) ?? here.length;
    places.set(idOf(overlay), place);
    const base = here[place];
    here[place] = base === undefined ? overlay : laid(overlay, base);
  }
}

function laid(overlay: RawSection, base: RawSection): RawSection {
  const keys = new Set(overlay.entries.map(({ key }) => canonical(base, key)));
  const kept = base.entries.filter(({ key }) => !keys.has(canonical(base, key)));
  return { ...base, entries: [...kept, ...overlay.entries] };
}

function canonical({ name = "" }: RawSection, key: string): string {
  const { kind } = kindOf(name);
  return (isSectionName(kind) ? spellingsOf(kind).get(key) : undefined) ?? key;
}

function idOf({ name = "", labels = [] }: RawSection): string {
  return [kindOf(name).kind, ...labels].join(" ");
}
