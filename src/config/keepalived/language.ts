// The language of keepalived.conf(5) without its keywords: lines of a file and of those that it includes, with conditions,
// definitions, repetitions, comments, quotes and braces taken care of as keepalived does it. What comes out is a tree of
// statements, each with the place where it was written. Pure: files and the environment come in as arguments.

import { dirname, resolve } from "node:path";
import { type Around, type Budget, type Definitions, expand } from "./definitions.ts";
import type { Outside } from "./outside.ts";
import { repeat } from "./repetitions.ts";
import { wordsOf } from "./words.ts";

export type Place = { readonly file: string; readonly line: number };

export type Statement = {
  /** The keyword and what stands behind it, without quotes and escapes. */
  readonly words: readonly string[];
  /** The words that stood in quotes, wholly or in part. */
  readonly quoted: ReadonlySet<number>;
  /** The same as it was written. */
  readonly text: string;
  /** A key of Parsed.places. */
  readonly line: number;
  /** What stood between its braces; null = it had none. */
  readonly block: readonly Statement[] | null;
};

export type Remark = { readonly line: number; readonly message: string };

export type Comment = { readonly line: number; readonly text: string };

export type Parsed = {
  readonly statements: readonly Statement[];
  /** By line number. Those of the first file are its own lines as long as nothing is included before them. */
  readonly places: readonly Place[];
  /** What keepalived reports and goes on. */
  readonly remarks: readonly Remark[];
  readonly comments: readonly Comment[];
};

const INCLUDES = /^include([rmwba]?)\s+(.*)$/;
/** Files that include each other several times have no end either. */
const FILES_MAX = 10_000;
/** MAXBUF of keepalived: a longer line is reported, and is not read as it was meant. */
const LINE_MAX = 1024;
/** What one line may become by definitions and repetitions: 100,000 lines of addresses. */
const BUDGET = 8_000_000;

/** A piece of a line: a statement's text, or a brace. */
type Piece = { readonly text: string; readonly line: number };

export function parse(file: string, text: string, outside: Outside): Parsed {
  const places: Place[] = [{ file, line: 0 }];
  const remarks: Remark[] = [];
  const comments: Comment[] = [];
  const pieces: Piece[] = [];
  const definitions: Definitions = new Map();

  let files = 0;

  function readText(path: string, content: string, above: readonly string[]): void {
    const around = { folder: dirname(resolve(path)), outside, definitions };
    const lines = (content.startsWith("\ufeff") ? content.slice(1) : content).split("\n");
    if (lines.at(-1) === "") lines.pop();
    for (let i = 0; i < lines.length; i++) {
      const number = places.push({ file: path, line: i + 1 }) - 1;
      const kept = conditioned((lines[i] ?? "").trim(), outside.configId);
      if (kept === null || kept === "") continue;
      if (Buffer.byteLength(kept) > LINE_MAX) {
        remarks.push(...remarkOfLong(kept, number));
        continue;
      }
      const definition = kept.startsWith("$") ? definitionAt(lines, i, kept) : null;
      if (definition !== null) {
        definitions.set(definition.name, definition.value);
        while (i < definition.last) places.push({ file: path, line: ++i + 1 });
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
      for (const text of splitAtBraces(content)) pieces.push({ text, line });
    }
  }

  readText(file, text, [resolve(file)]);
  return { statements: treeOf(pieces, remarks), places, remarks, comments };
}

/** $NAME=VALUE, which goes on below as long as a line ends with a backslash; `last`: the index of its last line. */
function definitionAt(
  lines: readonly string[],
  from: number,
  kept: string,
): { readonly name: string; readonly value: string; readonly last: number } | null {
  const [, name, first = ""] = /^\$([A-Za-z_]\w*)=(.*)$/s.exec(kept) ?? [];
  if (name === undefined) return null;
  const value = [first];
  let last = from;
  while (value.at(-1)?.endsWith("\\") && last + 1 < lines.length) {
    value.push((lines[++last] ?? "").trim());
  }
  return { name, value: value.map((one) => one.replace(/\s*\\$/, "")).join("\n"), last };
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
      return line.slice(0, i).trim();
    }
  }
  return line.trim();
}

/** Braces are statements' ends wherever they stand outside of quotes. */
function splitAtBraces(line: string): readonly string[] {
  if (!line.includes("{") && !line.includes("}")) return [line];
  const pieces: string[] = [];
  let quote = "";
  let from = 0;
  const take = (to: number): void => {
    const text = line.slice(from, to).trim();
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

type Open = { readonly statements: Statement[]; readonly line: number; readonly text: string };

function treeOf(pieces: readonly Piece[], remarks: Remark[]): readonly Statement[] {
  const root: Open = { statements: [], line: 0, text: "" };
  const open: Open[] = [root];
  let inner = root;
  let mayOpen = false;
  for (const { text, line } of pieces) {
    if (text === "{") {
      const owner = inner.statements.at(-1);
      if (!mayOpen || owner === undefined) {
        remarks.push({ line, message: 'Unexpected "{": no keyword stands before it' });
        continue;
      }
      const statements: Statement[] = [];
      inner.statements[inner.statements.length - 1] = { ...owner, block: statements };
      inner = { statements, line: owner.line, text: owner.text };
      open.push(inner);
      mayOpen = false;
    } else if (text === "}") {
      if (open.length === 1) remarks.push({ line, message: 'Extra "}": nothing is open' });
      else open.pop();
      inner = open.at(-1) ?? root;
      mayOpen = false;
    } else {
      inner.statements.push(statementOf(text, line, remarks));
      mayOpen = true;
    }
  }
  for (const { line, text } of open.slice(1)) {
    remarks.push({ line, message: `"${text}" is never closed: a "}" is missing` });
  }
  return root.statements;
}

function statementOf(text: string, line: number, remarks: Remark[]): Statement {
  const { words, quoted, isOpen } = wordsOf(text);
  if (isOpen) remarks.push({ line, message: `Unterminated quote in "${text}"` });
  return { words, quoted, text, line, block: null };
}
