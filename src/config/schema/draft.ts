// Sections as they were written, each key judged by itself against keys.ts. What one key means for
// another is not looked at here: that is validate.ts. Front ends for other formats can make a Draft too.

import {
  isSectionName,
  keysOf,
  SECTION_NAMES,
  SECTIONS,
  type SectionName,
  spellingsOf,
  type Values,
} from "../keys.ts";
import { rightWord } from "../names/foreign-words.ts";
import { nameHint } from "../names/names.ts";
import { inherit } from "./inherit.ts";
import type { Entry, LineProblem, RawSection, Report } from "./lines.ts";
import type { KeySpec, Located, SectionSpec } from "./row.ts";
import { type Draft, nameOf, type Section } from "./section.ts";
import { didYouMean, nearest } from "./suggest.ts";
import { kindOf, titleProblem } from "./titles.ts";
import { parseValue } from "./type.ts";

export function makeDraft(sections: readonly RawSection[]): {
  readonly draft: Draft;
  readonly problems: readonly LineProblem[];
} {
  const problems: LineProblem[] = [];
  const found = Object.fromEntries(SECTION_NAMES.map((name) => [name, []])) as unknown as {
    [S in SectionName]: Section<SectionName>[];
  };

  const report: Report = (line, message, severity = "error") => {
    problems.push({ line, message, severity });
  };

  const firstLines = new Map<string, number>();
  for (const raw of sections) {
    if (raw.name === undefined) continue;
    const { kind } = kindOf(raw.name);
    if (!isSectionName(kind)) {
      report(raw.line, `Cannot use section [${raw.name}]: ${unknownKind(kind)}`);
      continue;
    }
    const { labels = [] } = raw;
    const wrongTitle = titleProblem(kind, labels);
    const id = [kind, ...labels].join(" ");
    const firstLine = raw.isElsewhere ? undefined : firstLines.get(id);
    if (firstLine === undefined && !raw.isElsewhere) firstLines.set(id, raw.line);
    if (wrongTitle !== undefined) {
      report(raw.line, `Cannot use section [${raw.name}]: ${wrongTitle}`);
    } else if (firstLine !== undefined) {
      report(raw.line, `Cannot use section [${raw.name}] twice: line ${firstLine} has it already`);
    }
    const section = readSection(kind, raw.name, labels, raw, report);
    if (wrongTitle === undefined && firstLine === undefined && !raw.isElsewhere)
      found[kind].push(section);
  }
  const [global = readSection("global", "global", [], NOTHING, report)] = found.global;
  // A real server without its virtual server is told later.
  const noService = { labels: [], values: defaultsOf("virtual_server") };
  const services = new Map(found.virtual_server.map((each) => [nameOf(each), each]));
  for (const kind of SECTION_NAMES) {
    inherit(keysOf(kind), found[kind], global, (each) => services.get(nameOf(each)) ?? noService);
  }
  return { draft: { ...found, global } as unknown as Draft, problems };
}

const NOTHING: RawSection = { name: "global", line: 0, entries: [] };

function readSection(
  kind: SectionName,
  title: string,
  labels: readonly string[],
  raw: RawSection,
  report: Report,
): Section<SectionName> {
  const keys = keysOf(kind);
  const spellings = spellingsOf(kind);
  // Not spread: what a spread makes is slow to write into (in Node 20), and there are thousands of sections.
  const values: Record<string, unknown> = Object.assign({}, defaultsOf(kind));
  const lines: Record<string, number> = {};
  for (const entry of raw.entries) {
    const name = spellings.get(entry.key);
    const spec = name === undefined ? undefined : keys[name];
    if (name === undefined || spec === undefined) {
      report(entry.line, unknownKey(kind, title, entry.key));
      continue;
    }
    const firstLine = lines[name];
    lines[name] = firstLine ?? entry.line;
    if (firstLine !== undefined && spec.firstCounts) {
      report(
        entry.line,
        `Cannot use ${entry.key} twice, this one is ignored: line ${firstLine} has it already`,
        "warning",
      );
      continue;
    }
    if (firstLine !== undefined && (!spec.list || (spec.alone && !entry.list))) {
      const alias = entry.key === name ? "" : ` (it is the same as ${name})`;
      report(entry.line, `Cannot use ${entry.key} twice: line ${firstLine} has it already${alias}`);
      continue;
    }
    const value = readEntry(entry, spec, report);
    if (value === undefined) continue;
    if (!spec.list) {
      values[name] = value;
      continue;
    }
    const list = (firstLine === undefined ? undefined : values[name]) as
      | Located<unknown>[]
      | undefined;
    const item = { value, line: entry.line };
    if (list === undefined || list.length === 0) values[name] = [item];
    else list.push(item);
  }
  for (const [name, spec] of raw.isElsewhere ? [] : requiredOf(kind)) {
    if (lines[name] !== undefined) continue;
    if (spec.instead !== undefined && lines[spec.instead] !== undefined) {
      values[name] = values[spec.instead];
      continue;
    }
    const written = `${name}${spec.list ? "[]" : ""} = ${spec.example ?? ""}`;
    report(raw.line, `Cannot use [${title}] without ${name}: add a line such as "${written}"`);
  }
  return { kind, title, labels, line: raw.line, values: values as Values<SectionName>, lines };
}

function readEntry(entry: Entry, spec: KeySpec, report: Report): unknown {
  const { key, line } = entry;
  if (entry.value === null) return undefined;
  const shown = spec.type.secret ? "…" : entry.value;
  if (entry.list && !spec.list) {
    report(line, `Cannot use ${key} as a list: it must be "${key} = ${shown}"`);
    return undefined;
  }
  if (!entry.list && spec.list && !spec.alone) {
    report(line, `Cannot use ${key} without []: it must be ${listLines(key, entry.value, spec)}`);
    return undefined;
  }
  const { type } = spec;
  if (entry.bare && !type.flag && spec.bare === undefined) {
    report(
      line,
      `Cannot use ${key} without a value: it must be "${key} = ${spec.example ?? spec.default ?? ""}"`,
    );
    return undefined;
  }
  // keepalived's flags are words alone: `nopreempt`.
  const text = entry.bare ? (spec.bare ?? "yes") : entry.value;
  const judged = entry.judged ?? parseValue(spec.type, text);
  if (judged.ok) {
    const { value, effect } = judged;
    if (effect !== undefined) report(line, `${key} ${quoted(shown)}: ${effect}`, "warning");
    return value;
  }
  // Several items on one line: keepalived's way. Words without commas may be one item that is no good.
  const isSeveral = entry.value.includes(",") || (type.isName && /\s/.test(entry.value));
  const lines = spec.list && isSeveral ? listLines(key, entry.value, spec) : "";
  const hint = lines.includes(" and ") ? `, one a line: ${lines}` : "";
  const names = nameHint(spec.type, entry.value);
  report(line, `Cannot use ${key} ${quoted(shown)}: it must be ${judged.mustBe}${names}${hint}`);
  return undefined;
}

function unknownKey(kind: SectionName, title: string, key: string): string {
  const right = rightWord(key);
  if (right !== undefined) return `Cannot use key "${key}" in [${title}]: ${right}`;
  if (isSectionName(key)) {
    const { labels, example }: SectionSpec = SECTIONS[key];
    return `Cannot use key "${key}" in [${title}]: it is a section, [${[key, ...labels].join(".")}], such as [${example}]`;
  }
  const near = nearest(key, spellingsOf(kind).keys());
  const elsewhere = SECTION_NAMES.find((name) => spellingsOf(name).has(key));
  const hint =
    near !== undefined
      ? ` (did you mean "${near}"?)`
      : elsewhere !== undefined
        ? `, it is one of [${[elsewhere, ...SECTIONS[elsewhere].labels].join(".")}]`
        : "";
  return `Cannot use key "${key}" in [${title}]: there is no such key${hint}`;
}

/** "real_server 10.0.0.1 80" is keepalived's, and "global_defs" as well. */
function unknownKind(kind: string): string {
  const [word = ""] = kind.split(/[\s:]/);
  if (isSectionName(word)) {
    const { labels, example }: SectionSpec = SECTIONS[word];
    return `it must be [${[word, ...labels].join(".")}], such as [${example}]; what stood behind the word is a key below it`;
  }
  const right = rightWord(word);
  if (right !== undefined) return right;
  const holder = SECTION_NAMES.find((name) => spellingsOf(name).has(word));
  if (holder === undefined) return `there is no kind "${kind}"${didYouMean(kind, SECTION_NAMES)}`;
  const { list, example = "…" } = keysOf(holder)[word] ?? {};
  return `it is a key of [${[holder, ...SECTIONS[holder].labels].join(".")}], written ${word}${list ? "[]" : ""} = ${example}`;
}

/** The lines that would be right in place of a list without []: each item on its own, and each one that is taken. */
function listLines(key: string, text: string, spec: KeySpec): string {
  const isTaken = (item: string): boolean => parseValue(spec.type, item).ok;
  const parts = text.split(/[\s,]+/).filter((part) => part !== "");
  const items = isTaken(text) ? [text] : parts.every(isTaken) ? parts : [];
  const shown = spec.type.secret ? ["…"] : items.length > 0 ? items : [spec.example ?? ""];
  return shown.map((item) => `"${key}[] = ${item}"`).join(" and ");
}

function quoted(value: string): string {
  return /^[+-]?\d+(?:\.\d+)?$/.test(value) ? value : JSON.stringify(value);
}

type Defaults = Readonly<Record<string, unknown>>;

const defaults = new Map<SectionName, Defaults>();

function defaultsOf(kind: SectionName): Defaults {
  let made = defaults.get(kind);
  if (made === undefined) {
    made = Object.fromEntries(
      Object.entries(keysOf(kind)).flatMap(([name, spec]) => {
        if (spec.list) return [[name, []]];
        if (spec.default !== undefined) {
          return [[name, defaultOf(kind, name, spec.default, spec)]];
        }
        // What inherit() fills in has its place from the start: a hundred thousand servers keep one shape.
        return (spec.inherits ?? spec.ofService) === undefined ? [] : [[name, undefined]];
      }),
    );
    defaults.set(kind, made);
  }
  return made;
}

function defaultOf(kind: SectionName, name: string, text: string, spec: KeySpec): unknown {
  const judged = parseValue(spec.type, text);
  if (judged.ok) return judged.value;
  throw new Error(`Cannot happen: default ${text} of ${kind}.${name}: it must be ${judged.mustBe}`);
}

const required = new Map<SectionName, readonly (readonly [string, KeySpec])[]>();

function requiredOf(kind: SectionName): readonly (readonly [string, KeySpec])[] {
  let rows = required.get(kind);
  if (rows === undefined) {
    rows = Object.entries(keysOf(kind)).filter(([, spec]) => spec.required);
    required.set(kind, rows);
  }
  return rows;
}
