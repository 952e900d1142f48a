// duet help: the commands, or the reference of a section or key, out of the table that the parser uses.

import { forTypes, typesWith } from "../config/checks/kinds.ts";
import { foreignTexts, titleOf } from "../config/foreign/carried-words.ts";
import { keysOf, SECTION_NAMES, SECTIONS, type SectionName, spellingsOf } from "../config/keys.ts";
import { printExample, withoutKey } from "../config/schema/example.ts";
import type { KeySpec } from "../config/schema/row.ts";
import { didYouMean } from "../config/schema/suggest.ts";
import { causeMeaning } from "../control/causes.ts";
import { COMMANDS } from "./command-table.ts";
import { EXIT_OK, EXIT_USAGE } from "./options.ts";

export function runHelp(args: readonly string[]): number {
  const [word, ...more] = args;
  if (word === undefined) {
    console.log(commandsText());
    return EXIT_OK;
  }
  if (more.length > 0) {
    console.error(
      "duet help: Cannot explain more than one word\nUsage: duet help [COMMAND|SECTION|KEY|TYPE|CAUSE]",
    );
    return EXIT_USAGE;
  }
  if (word === "example") {
    console.log(printExample().trimEnd());
    return EXIT_OK;
  }
  const texts = [
    ...commandTexts(word),
    ...causeTexts(word),
    ...sectionTexts(word),
    ...typeTexts(word),
    ...keyTexts(word),
    ...wordTexts(word),
  ];
  if (texts.length === 0) {
    console.error(
      `duet help: Cannot find "${word}": no command, section, key, type of check or cause has this name${didYouMean(word, everyWord())}`,
    );
    return EXIT_USAGE;
  }
  console.log(texts.join("\n\n"));
  return EXIT_OK;
}

function commandsText(): string {
  const width = Math.max(...COMMANDS.map(([usage]) => usage.length));
  const lines = COMMANDS.map(([usage, doc]) => `  duet ${usage.padEnd(width)}  ${doc}`);
  const sections = SECTION_NAMES.map(
    (name) => `  ${titleOf(name).padEnd(28)}  ${SECTIONS[name].doc}`,
  );
  return [
    "duet keeps a pair of Linux load-balancer directors playing as one.",
    "",
    "Commands:",
    ...lines,
    "",
    "Sections of the configuration (duet help SECTION):",
    ...sections,
  ].join("\n");
}

function commandTexts(word: string): readonly string[] {
  const found = COMMANDS.find(([usage]) => usage.split(" ")[0] === word);
  return found === undefined ? [] : [`duet ${found[0]}\n  ${found[1]}`];
}

/** A cause of a transition or a FAULT, a reason of `duet status`. */
function causeTexts(word: string): readonly string[] {
  const meaning = causeMeaning(word);
  return meaning === undefined ? [] : [`${word}\n  ${meaning}`];
}

/** `duet COMMAND --help`; undefined = there is no such command. */
export function runUsage(word: string): number | undefined {
  const [text] = commandTexts(word);
  if (text === undefined) return undefined;
  console.log(`Usage: ${text}`);
  return EXIT_OK;
}

/** The types are explained in one row, in groups: "redis, memcached: an answer to PING". */
function typeTexts(word: string): readonly string[] {
  const { type, ...others } = keysOf("check");
  if (type?.type.words?.includes(word) !== true) return [];
  const names = (group: string): readonly string[] => group.split(": ")[0]?.split(", ") ?? [];
  const group = type.doc.split("; ").find((each) => names(each).includes(word)) ?? "";
  const rows = Object.entries(others)
    .filter(([key]) => typesWith(key).some((each) => each === word))
    .map(([key, { list, doc }]) => `  ${`${key}${list ? "[]" : ""}`.padEnd(30)}  ${doc}`);
  return [[`[check.NAME] type = ${word}`, `  ${group}`, "", ...rows].join("\n").trimEnd()];
}

/** A word of keepalived or ldirectord that is another one here, or none. */
function wordTexts(word: string): readonly string[] {
  const texts = foreignTexts(word);
  return texts.length === 0
    ? []
    : [
        [`${word} (a word of keepalived or ldirectord)`, ...texts.map((text) => `  ${text}`)].join(
          "\n",
        ),
      ];
}

function sectionTexts(word: string): readonly string[] {
  return SECTION_NAMES.filter((name) => name === word).map((name) => {
    const rows = Object.entries(keysOf(name)).map(
      ([key, spec]) => `  ${`${key}${spec.list ? "[]" : ""}`.padEnd(30)}  ${spec.doc}`,
    );
    return [titleOf(name), `  ${SECTIONS[name].doc}`, "", ...rows].join("\n");
  });
}

/** "priority", an alias of a key, or "check.interval". */
function keyTexts(word: string): readonly string[] {
  const [first = "", second] = word.split(".");
  const key = (second ?? first).replace("[]", "");
  return SECTION_NAMES.filter((name) => second === undefined || name === first).flatMap((name) => {
    const canonical = spellingsOf(name).get(key);
    const spec = canonical === undefined ? undefined : keysOf(name)[canonical];
    return canonical === undefined || spec === undefined ? [] : [keyText(name, canonical, spec)];
  });
}

function keyText(section: SectionName, key: string, spec: KeySpec): string {
  const lines = factsOf(section, key, spec).map(([name, text]) => `  ${name.padEnd(10)}${text}`);
  const list = spec.list ? "[]" : "";
  return [`${titleOf(section)} ${key}${list}`, `  ${spec.doc}`, "", ...lines].join("\n");
}

/** What a row says beside its doc; the man page tells the same. */
export function factsOf(
  section: SectionName,
  key: string,
  spec: KeySpec,
): readonly (readonly [name: string, text: string])[] {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["for", forTypes(section, key)],
    ["value", spec.type.help],
    ["required", spec.required ? "yes" : undefined],
    ["default", withoutKey(spec)],
    ["example", spec.example],
    ["also", spec.aliases?.join(", ")],
    ["level", spec.level ?? "advanced"],
  ];
  return facts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}

/** What has a name in the configuration, and the commands. */
export function everyWord(): readonly string[] {
  const keys = SECTION_NAMES.flatMap((name) => [...spellingsOf(name).keys()]);
  const commands = COMMANDS.map(([usage]) => usage.split(" ")[0] ?? "");
  return [...new Set([...SECTION_NAMES, ...keys, ...commands])];
}
