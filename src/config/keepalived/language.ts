// The language of keepalived.conf(5) without its keywords: lines of a file and of those that it includes, with conditions,
// definitions, repetitions, comments, quotes and braces taken care of as keepalived does it. What comes out is a tree of
// statements, each with the place where it was written. Pure: files and the environment come in as arguments.

import { dirname, resolve } from "node:path";
import { openAlike, type Samples } from "./alike.ts";
import { type Around, type Budget, type Definitions, expand } from "./definitions.ts";
import type { Outside } from "./outside.ts";
import { type Lines, openPlaces, type Places } from "./places.ts";
import { repeat } from "./repetitions.ts";
import { openTree, type Remark, type Statement, type Tree } from "./tree.ts";
import { trimmed } from "./words.ts";

export type Comment = { readonly line: number; readonly text: string };

export type Parsed = {
  readonly statements: readonly Statement[];
  /** By line number. Those of the first file are its own lines as long as nothing is included before them. */
  readonly places: Places;
  /** What keepalived reports and goes on. */
  readonly remarks: readonly Remark[];
  readonly comments: readonly Comment[];
};

const INCLUDES = /^include([rmwba]?)\s+(.*)$/;
/** Files that include each other several times have no end either. */
const FILES_MAX = 10_000;
/** MAXBUF of keepalived: a longer line is reported, and is not read as it was meant. */
const LINE_MAX = 1024;
/** Of one unit of JavaScript's strings. */
const UTF8_BYTES_MAX = 3;
/** What one line may become by definitions and repetitions: 100,000 lines of addresses. */
const BUDGET = 8_000_000;

/** What most lines are: without quotes, comments, braces, conditions, definitions and repetitions. */
const PLAIN = /^[^"'\\#!{}$~@]*$/;

export function parse(file: string, text: string, outside: Outside): Parsed {
  const { places, linesOf } = openPlaces(file);
  const remarks: Remark[] = [];
  const comments: Comment[] = [];
  const tree = openTree(remarks);
  const definitions: Definitions = new Map();

  const samples: Samples = [];
  let files = 0;

  function readText(path: string, content: string, above: readonly string[]): void {
    const around = { folder: dirname(resolve(path)), outside, definitions };
    const lines = linesOf(path, content);
    const alike = openAlike(lines, tree, remarks, samples);
    for (let line = lines.next(); line !== null; line = lines.next()) {
      const number = lines.number();
      if (alike.next(line, takePlain(line, number, tree))) continue;
      const kept = conditioned(line, outside.configId);
      if (kept === null || kept === "") continue;
      if (Buffer.byteLength(kept) > LINE_MAX) {
        remarks.push(...remarkOfLong(kept, number));
        continue;
      }
      const [, name, value = ""] = /^\$([A-Za-z_]\w*)=(.*)$/s.exec(kept) ?? [];
      if (name !== undefined) {
        definitions.set(name, wholeValue(value, lines));
        continue;
      }
      const include = INCLUDES.exec(kept);
      if (include !== null) includeFiles(include[2] ?? "", path, number, above);
      else addRepeated(kept, number, around);
    }
  }

  function addRepeated(kept: string, line: number, around: Around): void {
    const budget: Budget = { left: BUDGET };
    const lines = repeat(kept, budget, (each, ofTurn) =>
      expand(each, { ...around, definitions: inTurn(ofTurn, definitions) }, budget),
    );
    if (budget.left < 0) {
      const message = `"${kept}" is left out: its definitions and repetitions make more than ${BUDGET} characters of it`;
      remarks.push({ line, message });
    } else for (const one of lines) addLine(one, line);
  }

  function includeFiles(
    pattern: string,
    from: string,
    line: number,
    above: readonly string[],
  ): void {
    // Quotes are part of the name for keepalived.
    const bare = withoutComment(pattern, line, []);
    const found = outside.find(bare, dirname(from));
    if (found.length === 0)
      remarks.push({ line, message: `include ${bare}: there is no such file` });
    for (const path of found) {
      const why = whyNotIncluded(path, above, ++files);
      if (why !== undefined) {
        remarks.push({ line, message: `include ${path}: it is left out, as ${why}` });
        continue;
      }
      const content = outside.read(path);
      if (content === null) remarks.push({ line, message: `include ${path}: it cannot be read` });
      else readText(path, content, [...above, resolve(path)]);
    }
  }

  function addLine(written: string, line: number): void {
    for (const one of written.split("\n")) {
      const content = withoutComment(one, line, comments);
      if (content === "") continue;
      for (const text of splitAtBraces(content)) tree.take(text, line);
    }
  }

  readText(file, text, [resolve(file)]);
  return { statements: tree.statements(), places, remarks, comments };
}

/** The short way of what is nearly all of a file of thousands of servers; false = it is no such line. */
function takePlain(line: string, number: number, tree: Tree): boolean {
  if (line === "}") tree.take(line, number);
  else if (line.length > LINE_MAX / UTF8_BYTES_MAX || line.startsWith("include")) return false;
  else if (PLAIN.test(line)) {
    if (line !== "") tree.take(line, number);
  } else if (line.endsWith("{") && PLAIN.test(line.slice(0, -1))) {
    const text = trimmed(line.slice(0, -1));
    if (text !== "") tree.take(text, number);
    tree.take("{", number);
  } else return false;
  return true;
}

/** Of $NAME=VALUE, which goes on below as long as a line ends with a backslash. */
function wholeValue(first: string, lines: Lines): string {
  const value = [first];
  while (value.at(-1)?.endsWith("\\")) {
    const next = lines.next();
    if (next === null) break;
    value.push(next);
  }
  return value.map((one) => one.replace(/\s*\\$/, "")).join("\n");
}

/** What a repetition defines for this turn comes first. */
function inTurn(
  ofTurn: ReadonlyMap<string, string>,
  definitions: Definitions,
): Pick<Definitions, "get"> {
  return { get: (name) => ofTurn.get(name) ?? definitions.get(name) };
}

function whyNotIncluded(path: string, above: readonly string[], files: number): string | undefined {
  if (above.includes(resolve(path))) return "it includes itself";
  return files > FILES_MAX ? `${FILES_MAX} files are included before` : undefined;
}

/** A comment may be as long as it likes. */
function remarkOfLong(text: string, line: number): readonly Remark[] {
  if (/^[#!]/.test(text)) return [];
  const what = `"${text.slice(0, 40)}..." was never in force as it is written`;
  return [{ line, message: `${what}: keepalived reads ${LINE_MAX} bytes of a line` }];
}

/** "@ID line" counts where the identity is ID, "@^ID line" where it is not; null = not here. A line has one condition. */
function conditioned(line: string, configId: string): string | null {
  const found = /^@(\^?)(\S*)\s*(.*)$/s.exec(line);
  if (found === null) return line;
  const [, not = "", id = "", behind = ""] = found;
  return (id === configId) === (not === "^") ? null : behind;
}

/** A comment begins with # or ! outside of double quotes, and not behind a backslash. */
function withoutComment(line: string, number: number, comments: Comment[]): string {
  let inQuotes = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i];
    if (char === "\\") i++;
    else if (char === '"') inQuotes = !inQuotes;
    else if (!inQuotes && (char === "#" || char === "!")) {
      comments.push({ line: number, text: line.slice(i + 1).trim() });
      return trimmed(line.slice(0, i));
    }
  }
  return trimmed(line);
}

/** Braces are statements' ends wherever they stand outside of quotes. */
function splitAtBraces(line: string): readonly string[] {
  if (!line.includes("{") && !line.includes("}")) return [line];
  const pieces: string[] = [];
  let quote = "";
  let from = 0;
  const take = (to: number): void => {
    const text = trimmed(line.slice(from, to));
    if (text !== "") pieces.push(text);
  };
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? "";
    if (char === "\\") i++;
    else if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === "{" || char === "}") {
      take(i);
      pieces.push(char);
      from = i + 1;
    }
  }
  take(line.length);
  return pieces;
}
