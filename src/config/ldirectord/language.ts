// The lines of ldirectord.cf: "key = value" at the left edge is global, or begins a virtual server; what is indented is its own.

import type { LineProblem } from "../schema/lines.ts";

export type Directive = { readonly key: string; readonly value: string; readonly line: number };

export type Virtual = Directive & { readonly directives: readonly Directive[] };

export type Parsed = {
  readonly globals: readonly Directive[];
  readonly virtuals: readonly Virtual[];
  readonly problems: readonly LineProblem[];
  readonly comments: readonly { readonly line: number; readonly text: string }[];
};

export function parse(text: string): Parsed {
  const globals: Directive[] = [];
  const virtuals: (Directive & { readonly directives: Directive[] })[] = [];
  const problems: LineProblem[] = [];
  const comments: { line: number; text: string }[] = [];
  for (const [index, written] of text.split(/\r\n|\n/).entries()) {
    const line = index + 1;
    const { content, comment } = withoutComment(written);
    if (comment !== null) comments.push({ line, text: comment });
    const trimmed = content.trim();
    if (trimmed === "") continue;
    const [, key, value] = /^([\w-]+)\s*=\s*(.*)$/.exec(trimmed) ?? [];
    if (key === undefined || value === undefined) {
      problems.push({
        line,
        severity: "error",
        message: `Cannot read "${trimmed}": it must be "directive = value"`,
      });
      continue;
    }
    const directive = { key: key.toLowerCase(), value, line };
    const isInner = /^\s/.test(content);
    const inner = virtuals.at(-1);
    if (/^virtual6?$/.test(directive.key)) virtuals.push({ ...directive, directives: [] });
    else if (!isInner) globals.push(directive);
    else if (inner !== undefined) inner.directives.push(directive);
    else {
      const message = `Cannot use ${key} here: it is indented, and no virtual stands above it`;
      problems.push({ line, severity: "error", message });
    }
  }
  return { globals, virtuals, problems, comments };
}

/** A # in quotes, or inside of a word, is none. */
function withoutComment(line: string): {
  readonly content: string;
  readonly comment: string | null;
} {
  let inQuotes = false;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '"') inQuotes = !inQuotes;
    else if (line[i] === "#" && !inQuotes && (i === 0 || /\s/.test(line[i - 1] ?? ""))) {
      return { content: line.slice(0, i), comment: line.slice(i + 1).trim() };
    }
  }
  return { content: line, comment: null };
}

/** What stood in double quotes, or the text as it is. */
export function unquoted(text: string): string {
  const inside = /^"(.*)"$/s.exec(text.trim())?.[1];
  return inside === undefined ? text.trim() : inside.replace(/\\"/g, '"');
}

export type Real = {
  readonly addresses: readonly string[];
  readonly port: string | null;
  readonly method: string;
  readonly weight: string | null;
  readonly request: string | null;
  readonly receive: string | null;
  readonly lower: string | null;
  readonly upper: string | null;
};

/** Behind the weight: as in Perl, quotes inside of the one and the other belong to them. The manual writes thresholds in angle brackets, and the program reads them without. */
const BEHIND_WEIGHT = /^\s*(?:"(.*)"[, ]\s*"(.*)")?(?:\s*<?\bl:(\d+)>?)?(?:\s*<?\bu:(\d+)>?)?\s*$/;

/** Quotes without end would be tried pair by pair. */
const BEHIND_MAX = 2048;

/** ADDRESS[->ADDRESS][:PORT] gate|masq|ipip [WEIGHT] ["REQUEST", "RECEIVE"] [l:N] [u:N]; null = it is no such line. */
export function realOf(text: string): Real | null {
  const found =
    /^(\[[^\]]+\]|[^\s:]+?)(?:\s*->\s*(\[[^\]]+\]|[^\s:]+))?(?::(\S+))?\s+(gate|masq|ipip)\b\s*(\d+)?\s*(.*)$/.exec(
      text,
    );
  if (found === null) return null;
  const [, first = "", last, port = null, method = "", weight = null, rest = ""] = found;
  const addresses = last === undefined ? [bare(first)] : rangeOf(bare(first), bare(last));
  if (addresses === null) return null;
  const behind = rest.length > BEHIND_MAX ? null : BEHIND_WEIGHT.exec(rest);
  if (behind === null) return null;
  const [, request = null, receive = null, lower = null, upper = null] = behind;
  return { addresses, port, method, weight, request, receive, lower, upper };
}

function bare(address: string): string {
  return address.replace(/^\[|\]$/g, "");
}

const RANGE_MAX = 4096;

/** IPv4 addresses from the one to the other; null = they are no range. */
function rangeOf(first: string, last: string): readonly string[] | null {
  const [from, to] = [first, last].map((address) =>
    /^\d+(\.\d+){3}$/.test(address)
      ? address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0)
      : Number.NaN,
  );
  if (from === undefined || to === undefined || !(from <= to) || to - from > RANGE_MAX) return null;
  return Array.from({ length: to - from + 1 }, (_, i) =>
    [24, 16, 8, 0].map((bits) => Math.floor((from + i) / 2 ** bits) % 256).join("."),
  );
}
