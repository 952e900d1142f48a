// perlre(1) -> the regular expression of JavaScript that matches the same. Whether, not where: so what only keeps Perl from trying
// again (possessive, atomic) is left out.

export type Translation =
  | { readonly ok: true; readonly source: string }
  /** Reads on after "Cannot use receive ...: ". */
  | { readonly ok: false; readonly why: string };

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  blank: " \\t",
  word: "\\w",
  punct: "!-\\/:-@\\[-`{-~",
  xdigit: "A-Fa-f0-9",
  cntrl: "\\x00-\\x1f\\x7f",
  print: " -~",
  graph: "!-~",
};

/** Outside of [...]. */
const ESCAPES: Readonly<Record<string, string>> = {
  A: "(?<![\\s\\S])",
  z: "(?![\\s\\S])",
  Z: "(?=\\n?(?![\\s\\S]))",
  h: "[ \\t]",
  H: "[^ \\t]",
  v: "[\\n\\v\\f\\r]",
  N: "[^\\n]",
  R: "(?:\\r\\n|[\\n\\v\\f\\r])",
  K: "",
};
const ANYWHERE: Readonly<Record<string, string>> = { a: "\\x07", e: "\\x1b" };
const IN_CLASS: Readonly<Record<string, string>> = { h: " \\t", v: "\\n\\v\\f\\r" };

type Flags = { readonly i: boolean; readonly s: boolean; readonly m: boolean };
const NO_FLAGS: Flags = { i: false, s: false, m: false };

export function fromPerl(pattern: string): Translation {
  try {
    const source = translated(pattern);
    new RegExp(source);
    return { ok: true, source };
  } catch (error) {
    const why = error instanceof Unknown ? error.message : "it is no regular expression";
    return { ok: false, why };
  }
}

class Unknown extends Error {}

function translated(pattern: string): string {
  let out = "";
  let flags = NO_FLAGS;
  const outer: Flags[] = [];
  let at = 0;
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const found = expression.exec(pattern);
    if (found !== null) at = expression.lastIndex;
    return found;
  };
  while (at < pattern.length) {
    const escape = take(/\\(x\{[0-9A-Fa-f]+\}|k\{\w+\}|[\s\S])/y)?.[1];
    if (escape !== undefined) {
      out += escaped(escape);
      continue;
    }
    const set = take(/\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/y)?.[0];
    if (set !== undefined) {
      out += setOf(set, flags);
      continue;
    }
    if (take(/\(\?#[^)]*\)/y) !== null) continue;
    const inline = take(/\(\?([a-z^-]*)([:)])/y);
    if (inline !== null) {
      const [, letters = "", end] = inline;
      if (end === ":") outer.push(flags);
      flags = changed(flags, letters);
      out += end === ":" ? "(?:" : "";
      continue;
    }
    const group = take(/\(\?(?:>|P?<(?=\w)|[=!]|<[=!])|\((?!\?)/y)?.[0];
    if (group !== undefined) {
      outer.push(flags);
      out += group === "(?>" ? "(?:" : group.replace("?P<", "?<");
      continue;
    }
    if (pattern.startsWith("(", at)) {
      throw new Unknown(`"${pattern.slice(at, at + 4)}" is of Perl alone`);
    }
    // A possessive quantifier, or a plain one.
    const quantifier = take(/([*+?]|\{\d+(?:,\d*)?\})(\+?)/y);
    if (quantifier !== null) {
      out += quantifier[1];
      continue;
    }
    const letter = pattern[at++] ?? "";
    if (letter === ")") flags = outer.pop() ?? NO_FLAGS;
    out += plain(letter, flags);
  }
  return out;
}

function plain(letter: string, { i, s, m }: Flags): string {
  if (letter === "." && s) return "[\\s\\S]";
  if (letter === "^" && m) return "(?<![^\\n])";
  // Before the line feed that ends it, too.
  if (letter === "$") return m ? "(?![^\\n])" : "\\n?$";
  return i ? eitherCase(letter, (both) => `[${both}]`) : letter;
}

function eitherCase(letter: string, made: (both: string) => string): string {
  const [lower, upper] = [letter.toLowerCase(), letter.toUpperCase()];
  return lower === upper || lower.length + upper.length > 2 ? letter : made(lower + upper);
}

function escaped(escape: string): string {
  if (escape.startsWith("x{")) return codeOf(escape);
  if (escape.startsWith("k{")) return `\\k<${escape.slice(2, -1)}>`;
  if (/^[pPXCgG]$/.test(escape)) throw new Unknown(`"\\${escape}" is of Perl alone`);
  return ESCAPES[escape] ?? ANYWHERE[escape] ?? `\\${escape}`;
}

function codeOf(escape: string): string {
  const code = Number.parseInt(escape.slice(2, -1), 16);
  if (code > 0xffff) throw new Unknown(`"\\${escape}" is of Perl alone`);
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

/** [...] with its POSIX classes; a ] that comes first is one of its letters. */
function setOf(set: string, { i }: Flags): string {
  const [, not = "", first = "", inner = ""] = /^\[(\^?)(\]?)([\s\S]*)\]$/.exec(set) ?? [];
  const body = inner.replace(
    /\[:(\^?)(\w+):\]|\\(x\{[0-9A-Fa-f]+\}|[\s\S])|(\w)-(\w)|([\s\S])/g,
    (
      whole,
      isNot: string,
      name?: string,
      escape?: string,
      from?: string,
      to?: string,
      one?: string,
    ) => {
      if (name !== undefined) {
        const letters = CLASSES[name];
        if (letters === undefined || isNot !== "") throw new Unknown(`"${whole}" is of Perl alone`);
        return letters;
      }
      if (escape !== undefined) {
        if (escape.startsWith("x{")) return codeOf(escape);
        return IN_CLASS[escape] ?? ANYWHERE[escape] ?? whole;
      }
      if (from !== undefined && to !== undefined) {
        const isLetters = /[A-Za-z]/.test(from) && /[A-Za-z]/.test(to);
        const [lower, upper] = [whole.toLowerCase(), whole.toUpperCase()];
        return i && isLetters ? lower + upper : whole;
      }
      return i && one !== undefined ? eitherCase(one, (both) => both) : whole;
    },
  );
  return `[${not}${first === "" ? "" : "\\]"}${body}]`;
}

function changed(flags: Flags, letters: string): Flags {
  const [on = "", off = ""] = letters.replace("^", "").split("-");
  const wrong = /[^ismaunl]/.exec(on + off)?.[0];
  if (wrong !== undefined) throw new Unknown(`"(?${wrong})" is of Perl alone`);
  const has = (flag: keyof Flags): boolean =>
    (flags[flag] || on.includes(flag)) && !off.includes(flag);
  return { i: has("i"), s: has("s"), m: has("m") };
}
