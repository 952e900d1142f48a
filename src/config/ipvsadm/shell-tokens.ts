// sh(1) as tokens: words with what is to be put into them, and operators. As much of the language as scripts that set a director
// up are written in; what a command would have to be run for is not known.

export type Part =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: "variable";
      readonly name: string;
      /** ${NAME:-this}. */
      readonly otherwise: string | undefined;
      readonly quoted: boolean;
    }
  /** $(...), `...`. */
  | { readonly kind: "unknown"; readonly text: string };

export type Token = {
  readonly line: number;
  /** Where it stands in the text. */
  readonly from: number;
  readonly to: number;
} & (
  | { readonly kind: "word"; readonly parts: readonly Part[] }
  | {
      readonly kind: "operator";
      readonly text: string;
      /** Of << : the lines of the document that it begins. */
      readonly document: { readonly line: number; readonly text: string }[];
    }
);

export type Tokens = {
  readonly tokens: readonly Token[];
  readonly comments: readonly { readonly line: number; readonly text: string }[];
  readonly problems: readonly { readonly line: number; readonly message: string }[];
};

const OPERATOR = /&>>?|>>|>&|>\||<<-?|<&|[<>]|;;|&&|\|\||[;&|()\n]/y;
const BLANK = /(?:[ \t\r]|\\\r?\n)+/y;
const SUBSTITUTION = /\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`/y;
const VARIABLE = /\$(?:(\w+|[@*#?$!])|\{(\w+)(?::?-([^}]*))?\})/y;

type Waiting = { readonly token: Token & { readonly kind: "operator" }; readonly end: string };

export function tokensOf(text: string): Tokens {
  return new Reader(text).read();
}

class Reader {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  readonly #comments: { line: number; text: string }[] = [];
  readonly #problems: { line: number; message: string }[] = [];
  readonly #waiting: Waiting[] = [];
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Tokens {
    while (this.#at < this.#text.length) {
      if (this.#match(BLANK) !== null) continue;
      const comment = this.#match(/#([^\n]*)/y);
      // "#!" begins a script, and is for the kernel.
      if (comment !== null) {
        if (!(this.#line === 1 && comment[1]?.startsWith("!"))) {
          this.#comments.push({ line: this.#line, text: (comment[1] ?? "").trim() });
        }
      } else if (this.#match(/\d+(?=[<>])/y) === null && !this.#operator()) this.#word();
    }
    return { tokens: this.#tokens, comments: this.#comments, problems: this.#problems };
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) {
      this.#at = pattern.lastIndex;
      this.#line += found[0].split("\n").length - 1;
    }
    return found;
  }

  #operator(): boolean {
    const from = this.#at;
    const place = { line: this.#line, from };
    const found = this.#match(OPERATOR)?.[0];
    if (found === undefined) return false;
    const token = { ...place, to: this.#at, kind: "operator" as const, text: found, document: [] };
    this.#tokens.push(token);
    if (found.startsWith("<<")) {
      this.#match(BLANK);
      const end = /["']?([^\s"';|&<>]*)["']?/y;
      this.#waiting.push({ token, end: this.#match(end)?.[1] ?? "" });
    } else if (found === "\n") for (const each of this.#waiting.splice(0)) this.#readDocument(each);
    return true;
  }

  #readDocument({ token, end }: Waiting): void {
    for (;;) {
      const one = this.#match(/([^\n]*)(?:\n|$)/y)?.[1] ?? "";
      if (one.trim() === end) return;
      token.document.push({ line: this.#line - 1, text: one });
      if (this.#at >= this.#text.length) return;
    }
  }

  #word(): void {
    const place = { line: this.#line, from: this.#at };
    const parts: Part[] = [];
    while (this.#at < this.#text.length && !/[\s;&|<>()]/.test(this.#text[this.#at] ?? ""))
      this.#piece(parts);
    this.#tokens.push({ ...place, to: this.#at, kind: "word", parts });
  }

  #piece(parts: Part[]): void {
    const literal = this.#match(/[^\s;&|<>()"'\\$`]+/y)?.[0];
    if (literal !== undefined) parts.push({ kind: "text", text: literal, quoted: false });
    else if (this.#text[this.#at] === "'" || this.#text[this.#at] === '"') this.#quotedPiece(parts);
    else if (this.#text[this.#at] === "\\") {
      const found = this.#match(/\\(?:\r?\n|([\s\S])?)/y);
      parts.push({ kind: "text", text: found?.[1] ?? "", quoted: true });
    } else this.#substituted(parts, false);
  }

  #quotedPiece(parts: Part[]): void {
    const begin = this.#line;
    const quote = this.#text[this.#at];
    this.#at++;
    parts.push({ kind: "text", text: "", quoted: true });
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote) {
      const plain = this.#match(quote === "'" ? /[^']+/y : /(?:[^"\\$`]|\\(?!["\\$`\n]))+/y)?.[0];
      const escaped = plain === undefined ? this.#match(/\\([\s\S])/y)?.[1] : undefined;
      if (plain !== undefined) parts.push({ kind: "text", text: plain, quoted: true });
      else if (escaped === undefined) this.#substituted(parts, true);
      else if (escaped !== "\n") parts.push({ kind: "text", text: escaped, quoted: true });
    }
    if (this.#at >= this.#text.length) {
      this.#problems.push({
        line: begin,
        message: `Cannot read this line: its ${quote} is never closed`,
      });
    }
    this.#at++;
  }

  #substituted(parts: Part[], quoted: boolean): void {
    const whole = this.#match(SUBSTITUTION)?.[0];
    if (whole !== undefined) {
      parts.push({ kind: "unknown", text: whole });
      return;
    }
    const found = this.#match(VARIABLE);
    if (found === null) {
      parts.push({ kind: "text", text: this.#text[this.#at] ?? "", quoted });
      this.#at++;
      return;
    }
    const [, bare, braced = "", otherwise] = found;
    parts.push({ kind: "variable", name: bare ?? braced, otherwise, quoted });
  }
}
