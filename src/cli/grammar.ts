// What may stand behind a command, read out of its line in the table of commands.

import { COMMANDS } from "./command-table.ts";

export type Value =
  | { readonly kind: "file" | "directory" | "any" }
  | { readonly kind: "words"; readonly words: readonly string[] };

export type Grammar = {
  readonly name: string;
  readonly doc: string;
  /** null = it stands alone. */
  readonly options: readonly { readonly option: string; readonly value: Value | null }[];
  /** Words that stand in their place, without those of options. */
  readonly words: readonly string[];
  readonly takesFiles: boolean;
  /** Whatever has a name here. */
  readonly takesTopics: boolean;
};

/** A command with several lines in the table is one. */
export function grammars(): readonly Grammar[] {
  const all = new Map<string, Grammar>();
  for (const [usage, doc] of COMMANDS) {
    const one = grammarOf(usage, doc);
    const before = all.get(one.name);
    all.set(
      one.name,
      before === undefined
        ? one
        : {
            ...before,
            options: [...before.options, ...one.options],
            words: [...before.words, ...one.words],
            takesFiles: before.takesFiles || one.takesFiles,
            takesTopics: before.takesTopics || one.takesTopics,
          },
    );
  }
  return [...all.values()];
}

/** "--run-dir DIR", "-i NODE", "--json" */
const OPTION = /(?<=[\s[])(--?[a-z][\w-]*)(?: ([A-Za-z][\w|]*))?/g;

export function grammarOf(usage: string, doc: string): Grammar {
  const [name = ""] = usage.split(" ");
  const rest = usage.slice(name.length);
  const options = Array.from(rest.matchAll(OPTION), ([, option = "", value]) => ({
    option,
    value: value === undefined ? null : valueOf(value),
  }));
  const others = rest.replaceAll(OPTION, "");
  return {
    name,
    doc,
    options,
    words: others.match(/[a-z][a-z-]*/g) ?? [],
    takesFiles: /\bFILE/.test(others),
    takesTopics: /\bKEY\b/.test(others),
  };
}

function valueOf(text: string): Value {
  if (text.includes("|")) return { kind: "words", words: text.split("|") };
  if (text.endsWith("FILE")) return { kind: "file" };
  return { kind: text === "DIR" ? "directory" : "any" };
}
