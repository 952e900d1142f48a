// The words of a statement of keepalived.conf.

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

export type Split = {
  readonly words: readonly string[];
  readonly quoted: ReadonlySet<number>;
  readonly isOpen: boolean;
};

/** Words between spaces; quotes may begin and end inside of one, and a backslash means what it means in C. */
export function wordsOf(text: string): Split {
  if (!/["'\\]/.test(text)) return { words: plainWords(text), quoted: NONE, isOpen: false };
  const words: string[] = [];
  const quoted = new Set<number>();
  let word: string | null = null;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (char === "\\" && i + 1 < text.length) {
      const { value, end } = escaped(text, i + 1);
      word = (word ?? "") + value;
      i = end;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word = (word ?? "") + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
      quoted.add(words.length);
    } else if (/[ \t-\r]/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + char;
  }
  if (word !== null) words.push(word);
  return { words, quoted, isOpen: quote !== "" };
}

/** Without white space around it. keepalived's is ASCII: a no-break space is a letter to it. */
export function trimmed(text: string): string {
  const short = text.trim();
  // Nearly always there is nothing that JavaScript alone takes for white space.
  return /[^\0-\x7f]/.test(text) ? text.replace(/^[ \t-\r]+|[ \t-\r]+$/g, "") : short;
}

const NONE: ReadonlySet<number> = new Set();

function plainWords(text: string): readonly string[] {
  const words = text.split(" ");
  return words.includes("") || /[\t-\r]/.test(text) ? text.split(/[ \t-\r]+/) : words;
}

function escaped(text: string, at: number): { readonly value: string; readonly end: number } {
  const octal = /^[0-7]{1,3}/.exec(text.slice(at, at + 3))?.[0];
  if (octal !== undefined) {
    return { value: String.fromCharCode(Number.parseInt(octal, 8)), end: at + octal.length - 1 };
  }
  const hex = /^x([0-9A-Fa-f]{1,2})/.exec(text.slice(at, at + 3))?.[1];
  if (hex !== undefined) {
    return { value: String.fromCharCode(Number.parseInt(hex, 16)), end: at + hex.length };
  }
  const char = text[at] ?? "";
  return { value: ESCAPES[char] ?? char, end: at };
}
