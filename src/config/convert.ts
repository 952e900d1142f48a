// A configuration of another program as the INI text that says the same, for people to go on with: comments stay with what they
// stood at, and what is a default here is left out.

import { isSectionName, keysOf, spellingsOf } from "./keys.ts";
import { printValue } from "./print.ts";
import type { Entry, RawSection } from "./schema/lines.ts";
import { kindOf, titleOf } from "./schema/titles.ts";

type Comment = { readonly line: number; readonly text: string };

export function convertedText(
  sections: readonly RawSection[],
  comments: readonly Comment[],
): string {
  const waiting = byPlace(sections, comments);
  const services = serviceNames(sections);
  const texts = sections.flatMap((section) => {
    const entries = section.entries.filter((entry) => !isDefault(section, entry));
    if (entries.length === 0 && section.name === "global") return [];
    const lines = entries.flatMap((entry) => [...above(entry, waiting), entryText(entry)]);
    return [[...above(section, waiting), `[${titled(section, services)}]`, ...lines].join("\n")];
  });
  const rest = [...waiting.values()].flat().map(commentText);
  return `${[...texts, ...rest].join("\n\n")}\n`;
}

function serviceNames(sections: readonly RawSection[]): ReadonlySet<string> {
  return new Set(
    sections.flatMap(({ name = "", labels = [] }) =>
      kindOf(name).kind === "virtual_server" ? labels : [],
    ),
  );
}

function titled({ name = "", labels }: RawSection, services: ReadonlySet<string>): string {
  return labels === undefined ? name : titleOf(kindOf(name).kind, labels, services);
}

type Place = Entry | RawSection;

/** What each comment stands at, or above: the first thing of its line or of those below. */
function byPlace(
  sections: readonly RawSection[],
  comments: readonly Comment[],
): Map<Place | null, Comment[]> {
  const places: Place[] = sections
    .flatMap((section): Place[] => [section, ...section.entries])
    .filter(({ line }) => line > 0)
    .sort((a, b) => a.line - b.line);
  const found = new Map<Place | null, Comment[]>();
  let next = 0;
  for (const comment of comments) {
    if (comment.text === "") continue;
    while (next < places.length && (places[next]?.line ?? 0) < comment.line) next++;
    const place = places[next] ?? null;
    found.set(place, [...(found.get(place) ?? []), comment]);
  }
  return found;
}

function above(place: Place, waiting: Map<Place | null, Comment[]>): readonly string[] {
  const comments = waiting.get(place) ?? [];
  waiting.delete(place);
  return comments.map(commentText);
}

function commentText({ text }: Comment): string {
  return `# ${text}`;
}

function entryText({ key, list, value }: Entry): string {
  return `${key}${list ? "[]" : ""} = ${printValue(value ?? "")}`;
}

function isDefault({ name = "" }: RawSection, { key, list, value }: Entry): boolean {
  const { kind } = kindOf(name);
  if (list || value === null || !isSectionName(kind)) return false;
  const spec = keysOf(kind)[spellingsOf(kind).get(key) ?? ""];
  return (
    spec !== undefined && spec.inherits === undefined && spec.default === value && !spec.required
  );
}
