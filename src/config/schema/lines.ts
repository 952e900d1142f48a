// Text -> sections and keys with their line numbers. Package `ini` decides what a value is once its
// quotes and escapes are gone; it cannot tell lines, repeated sections, dots that nest, values that a `;`
// or `#` cuts short, or lines that mean nothing: that is found here. Knows no section and no key by name.

import { unsafe } from "ini";
import type { Judged } from "./judged.ts";

export type Entry = {
  readonly key: string;
  /** Written `key[] =`. */
  readonly list: boolean;
  /** null = already reported as a problem. */
  readonly value: string | null;
  /** No `=` at all: the key alone. */
  readonly bare: boolean;
  readonly line: number;
  /** What its type made of the value, where that is known already. */
  readonly judged?: Judged<unknown> | undefined;
};

export type RawSection = {
  /** "vrrp_instance.VI_1"; undefined = the header was no good, or there was none. */
  readonly name: string | undefined;
  readonly line: number;
  /** Its names, where they are known; left out = they are to be found in `name`. */
  readonly labels?: readonly string[];
  /** It holds on another node: its keys are judged, and that is all. */
  readonly isElsewhere?: boolean;
  readonly entries: readonly Entry[];
};

export type LineProblem = {
  readonly line: number;
  readonly message: string;
  readonly severity: "error" | "warning" | "note";
};

/** Takes a problem of a line. */
export type Report = (line: number, message: string, severity?: LineProblem["severity"]) => void;

export type Scan = {
  readonly sections: readonly RawSection[];
  readonly problems: readonly LineProblem[];
};

/** Has `scan` called for the text of each file that is meant; `lineBefore`: the number before that of its first line. */
export type Include = (
  pattern: string,
  line: number,
  report: Report,
  scan: (text: string, lineBefore: number) => void,
) => void;

const nobodyIncludes: Include = (_, line, report) => {
  report(line, "Cannot include a file here");
};

export function scanLines(text: string, include: Include = nobodyIncludes): Scan {
  const problems: LineProblem[] = [];
  const sections: RawSection[] = [];
  let entries: Entry[] | undefined;

  const report: Report = (line, message, severity = "error") => {
    problems.push({ line, message, severity });
  };

  function open(name: string | undefined, line: number): Entry[] {
    const fresh: Entry[] = [];
    sections.push({ name, line, entries: fresh });
    return fresh;
  }

  function scan(content: string, line: number): void {
    if (content === "" || content.startsWith(";") || content.startsWith("#")) return;
    if (content.includes("\ufffd")) {
      report(line, "Cannot read this line: it is not UTF-8 text");
      if (content.startsWith("[")) entries = open(undefined, line);
      return;
    }
    if (content.startsWith("[")) {
      const header = /^\[([^[\]]*(?:\[[^[\]]*\][^[\]]*)*)\]$/.exec(content)?.[1]?.trim();
      if (header === undefined) {
        report(
          line,
          `Cannot read "${shortened(content)}": a section is [KIND] or [KIND.NAME] on a line of its own`,
        );
      }
      entries = open(header, line);
      return;
    }
    const isInclude = content.startsWith("include") && /^include\s*(\[\])?\s*=/.test(content);
    if (entries === undefined && !isInclude) {
      report(line, `Cannot use "${shortened(content)}" here: a [section] has to come first`);
      entries = open(undefined, line);
    }
    const entry = scanEntry(content, line, report);
    if (entry === undefined) return;
    if (!isInclude) entries?.push(entry);
    else if (entry.value === null) return;
    else if (entry.value === "") report(line, 'Cannot include nothing: write "include = FILE"');
    else {
      // Behind it, the section goes on in which it stands.
      const around = entries;
      include(entry.value, line, report, scanText);
      entries = around;
    }
  }

  function scanText(content: string, lineBefore: number): void {
    for (const [index, line] of linesIn(content).entries()) {
      if (line.includes("\0")) {
        const message = "Cannot read this file: it holds a zero byte, so it is not a text file";
        report(lineBefore + index + 1, message);
        return;
      }
      scan(line.trim(), lineBefore + index + 1);
    }
  }

  scanText(text, 0);
  return { sections, problems };
}

export function linesIn(text: string): readonly string[] {
  const whole = text.startsWith("\ufeff") ? text.slice(1) : text;
  // A pattern takes five times as long.
  return whole.split(whole.includes("\r") ? /\r\n|\n|\r/ : "\n");
}

type ReportError = (line: number, message: string) => void;

function scanEntry(content: string, line: number, report: ReportError): Entry | undefined {
  const equals = content.indexOf("=");
  const left = (equals < 0 ? content : content.slice(0, equals)).trim();
  const list = left.endsWith("[]");
  const key = list ? left.slice(0, -2).trim() : left;
  if (!/^[\w-]+$/.test(key)) {
    report(
      line,
      `Cannot read "${told(content)}": it is neither a [section], nor "key = value", nor a comment${keepalivedHint(content)}`,
    );
    return undefined;
  }
  const bare = equals < 0;
  const raw = bare ? "" : content.slice(equals + 1).trim();
  const found = bare ? { value: "" } : unquote(raw, key);
  if ("problem" in found) {
    report(line, `Cannot read the value of ${key}: ${found.problem}`);
    return { key, list, value: null, bare, line };
  }
  return { key, list, value: found.value, bare, line };
}

/** Lines as keepalived writes them. */
function keepalivedHint(content: string): string {
  if (/[{}]/.test(content)) {
    return " (keepalived's blocks are sections and lists here: [kind.NAME] and key[] = value)";
  }
  if (content.startsWith("!")) return " (a comment begins with # or ;)";
  const [, key, value] = /^([\w-]+)\s+([^=]+)$/.exec(content) ?? [];
  if (key === undefined) return "";
  return ` (did you mean "${key} = ${mayBeSecret(key) ? "…" : shortened(value ?? "")}"?)`;
}

function unquote(
  raw: string,
  key: string,
): { readonly value: string } | { readonly problem: string } {
  if (!/["';#\\]/.test(raw)) return { value: raw };
  const quote = raw[0];
  if (raw.length > 1 && (quote === '"' || quote === "'") && raw.endsWith(quote)) {
    return unquoteWhole(raw, quote);
  }
  const cut = cutAt(raw);
  if (cut === undefined) return { value: unsafe(raw) };
  const mark = raw.charAt(cut);
  if (mayBeSecret(key))
    return { problem: `the unquoted "${mark}" cuts it (write the value in double quotes)` };
  return {
    problem:
      `the unquoted "${mark}" cuts it to "${shortened(unsafe(raw))}" (did you mean ${JSON.stringify(shortened(raw))}?` +
      " a comment needs a line of its own)",
  };
}

/** "…" and '…'. ini would make a number of '1' and keep the quotes of a "\d" that is no JSON: not here. */
function unquoteWhole(
  raw: string,
  quote: string,
): { readonly value: string } | { readonly problem: string } {
  const inner = raw.slice(1, -1);
  if (quote === "'") return { value: inner.includes("'") ? raw : inner };
  // Several quoted words, as in a command line: the quotes are part of the value.
  if (/^(?:[^"\\]|\\.)*"/.test(inner)) return { value: raw };
  const value: unknown = unsafe(raw);
  if (typeof value === "string" && value !== raw) return { value };
  return { problem: 'a "\\" in double quotes has to be written "\\\\" (or use single quotes)' };
}

/** Where an unescaped `;` or `#` ends the value for ini. */
function cutAt(raw: string): number | undefined {
  for (let i = 0; i < raw.length; i++) {
    const letter = raw[i];
    if (letter === "\\") i++;
    else if (letter === ";" || letter === "#") return i;
  }
  return undefined;
}

/** Problems end up in logs. */
function mayBeSecret(key: string): boolean {
  return /pass|key/.test(key);
}

/** A line as problems tell it. */
function told(content: string): string {
  const [word = ""] = content.split(/\s/);
  return mayBeSecret(word) ? `${word} …` : shortened(content);
}

function shortened(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}

const TEXT_MAX = 60;
