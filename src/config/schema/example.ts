// The commented example file: every key of keys.ts with its doc line and its default. What is required
// or shown is written out, so that the file is a valid configuration; the rest waits behind a "# ".

import { forTypes } from "../checks/kinds.ts";
import { keysOf, SECTION_NAMES, SECTIONS } from "../keys.ts";
import type { KeySpec } from "./row.ts";

export function printExample(): string {
  return [HEAD, ...SECTION_NAMES.map(printSection)].join("\n");
}

const HEAD = `# Every section and every key of a duet configuration; "duet help KEY" tells the same.
# Durations: a number is seconds; 1s, 250ms and 2m are accepted. Booleans: yes or no.
# Lists are written "key[] = value", once for each item. A value with ; or # needs quotes.
`;

function printSection(name: (typeof SECTION_NAMES)[number]): string {
  const { doc, example } = SECTIONS[name];
  const keys = Object.entries(keysOf(name)).map(([key, spec]) =>
    printKey(key, spec, forTypes(name, key)),
  );
  return `# ${doc}.\n[${example}]\n\n${keys.join("\n")}`;
}

function printKey(key: string, spec: KeySpec, whose: string | undefined): string {
  const notes = [
    whose === undefined ? "" : `For ${whose}.`,
    spec.required ? "Required." : "",
    absence(spec),
    spec.aliases === undefined ? "" : `Also written ${spec.aliases.join(", ")}.`,
  ].filter((note) => note !== "");
  const value = spec.example ?? spec.default ?? "";
  const line = `${exampleLine(key, spec, value)}\n`;
  return `# ${spec.doc}.\n${notes.length > 0 ? `# ${notes.join(" ")}\n` : ""}${line}`;
}

function exampleLine(key: string, spec: KeySpec, value: string): string {
  return `${spec.required || spec.shown ? "" : "# "}${key}${spec.list && !spec.alone ? "[]" : ""} = ${value}`;
}

/** "Default: wlc." */
function absence(spec: KeySpec): string {
  const what = withoutKey(spec);
  return what === undefined ? "" : `Default: ${what}.`;
}

/** What holds when the key is not there. */
export function withoutKey({ default: fixed, otherwise, inherits }: KeySpec): string | undefined {
  return fixed ?? otherwise ?? (inherits && `${inherits} of [global]`);
}
