// A shell script that sets a director up -> the commands that it runs at its start, in order, with variables, loops over lists and
// functions carried out. Nothing is run: what a command would have to tell is not known, and told where it is needed.

import { type Token, tokensOf } from "./shell-tokens.ts";
import { Variables } from "./shell-variables.ts";

export type Command = {
  readonly line: number;
  /** As it was written. */
  readonly text: string;
  readonly words: readonly string[];
  /** What in it nobody knows: "$VIP". */
  readonly unknown: string | undefined;
  /** Lines behind <<. */
  readonly document: readonly { readonly line: number; readonly text: string }[];
};

export type Remark = {
  readonly line: number;
  readonly message: string;
  readonly severity: "error" | "warning" | "note";
};

export type Script = {
  readonly commands: readonly Command[];
  readonly comments: readonly { readonly line: number; readonly text: string }[];
  readonly remarks: readonly Remark[];
};

/** Of loops in loops. */
const STEPS_MAX = 200_000;
const DEPTH_MAX = 40;

const DECLARES = /^(export|readonly|local|declare|typeset)$/;

export function readScript(text: string): Script {
  const { tokens, comments, problems } = tokensOf(text);
  const runner = new Runner(text, tokens);
  runner.runAll();
  const ofTokens = problems.map((one) => ({ ...one, severity: "error" as const }));
  return { commands: runner.commands, comments, remarks: [...ofTokens, ...runner.remarks] };
}

class Runner {
  readonly commands: Command[] = [];
  readonly remarks: Remark[] = [];
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #variables = new Variables();
  /** Where the bodies of functions begin. */
  readonly #functions = new Map<string, number>();
  #at = 0;
  #depth = 0;
  #steps = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  runAll(): void {
    while (this.#at < this.#tokens.length) {
      this.#list([], true);
      // A word that ends a block which is not there.
      this.#at++;
    }
  }

  /** Commands until one of these words, which is passed over. `live`: they are carried out. */
  #list(until: readonly string[], live: boolean): string | undefined {
    let skips = false;
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined) return undefined;
      const word = this.#reserved(token);
      if (word !== undefined && until.includes(word)) {
        this.#at++;
        return word;
      }
      if (token.kind === "operator" && token.text !== "(" && !/[<>]/.test(token.text)) {
        if (token.text === ")" || token.text === ";;") return undefined;
        // What stands behind || is for when something fails.
        skips = token.text === "||";
        this.#at++;
      } else if (word !== undefined && ENDS.has(word)) return undefined;
      else this.#command(word, live && !skips);
    }
  }

  #command(word: string | undefined, live: boolean): void {
    const { line } = this.#tokens[this.#at] ?? { line: 0 };
    const runs = live && !this.#isFull(line);
    if (word === undefined) {
      this.#simple(runs);
      return;
    }
    this.#at++;
    if (word === "(") this.#list([")"], runs);
    else if (word === "{") this.#list(["}"], runs);
    else if (word === "!") return;
    else if (word === "for") this.#for(line, runs);
    else if (word === "if") this.#if(line, runs);
    else if (word === "case") this.#case(line, runs);
    else if (word === "function") this.#define(this.#literal(this.#tokens[this.#at++]) ?? "");
    else this.#while(line, runs);
  }

  /** Nothing more is carried out then. */
  #isFull(line: number): boolean {
    if (this.#depth < DEPTH_MAX && this.#steps++ < STEPS_MAX) return false;
    this.#steps = Infinity;
    const message = `Cannot follow this script: it runs more than ${STEPS_MAX} commands`;
    if (!this.remarks.some((one) => one.message === message)) {
      this.remarks.push({ line, message, severity: "error" });
    }
    return true;
  }

  #for(line: number, live: boolean): void {
    const name = this.#literal(this.#tokens[this.#at++]) ?? "";
    const words: Token[] = [];
    for (
      let token = this.#tokens[this.#at];
      token?.kind === "word";
      token = this.#tokens[++this.#at]
    ) {
      if (this.#reserved(token) === "do") break;
      words.push(token);
    }
    const { fields, unknown } = this.#variables.values(words.slice(1));
    this.#list(["do"], false);
    const body = this.#at;
    if (live && unknown !== undefined) {
      const message = `Cannot follow this loop: nothing here says what ${unknown} is`;
      this.remarks.push({ line, message, severity: "error" });
    }
    const turns = live && unknown === undefined ? fields : [];
    if (turns.length === 0) this.#list(["done"], false);
    for (const value of turns) {
      if (this.#steps > STEPS_MAX) break;
      this.#at = body;
      this.#variables.set(name, value);
      this.#list(["done"], true);
    }
  }

  #while(line: number, live: boolean): void {
    this.#list(["do"], false);
    this.#untaken(line, live, "loop", "how often it runs is not known", () =>
      this.#list(["done"], false),
    );
  }

  /** The condition is taken to hold. */
  #if(line: number, live: boolean): void {
    this.#list(["then"], false);
    const before = this.commands.length;
    let end = this.#list(["else", "elif", "fi"], live);
    if (this.commands.slice(before).some(isIpvsadm)) {
      const message =
        "The condition of this if is not asked: what stands behind its then is carried over";
      this.remarks.push({ line, message, severity: "warning" });
    }
    while (end === "elif" || end === "else") end = this.#list(["else", "elif", "fi"], false);
  }

  /** Of $1, the branch that is called start. */
  #case(line: number, live: boolean): void {
    const subject = this.#tokens[this.#at++];
    const isOfCall = subject !== undefined && /^"?\$\{?1\b/.test(this.#source(subject, subject));
    const { fields, unknown } = this.#variables.values(subject === undefined ? [] : [subject]);
    const value = isOfCall ? "start" : unknown === undefined ? (fields[0] ?? "") : undefined;
    this.#list(["in"], false);
    let taken = false;
    for (;;) {
      while (this.#isOperator("\n") || this.#isOperator(";") || this.#isOperator("(")) this.#at++;
      const token = this.#tokens[this.#at];
      if (token === undefined) break;
      if (this.#reserved(token) === "esac") {
        this.#at++;
        break;
      }
      const patterns: string[] = [];
      while (this.#at < this.#tokens.length && !this.#isOperator(")")) {
        patterns.push(this.#literal(this.#tokens[this.#at++]) ?? "");
      }
      this.#at++;
      const isThis: boolean =
        !taken && value !== undefined && patterns.some((one) => fits(one, value));
      taken ||= isThis;
      if (this.#list([";;", "esac"], live && isThis) === "esac") break;
    }
    if (live && !taken) {
      const what = isOfCall ? "it has no branch for start" : "which branch it takes is not known";
      this.remarks.push({
        line,
        message: `Nothing of this case is carried over: ${what}`,
        severity: "warning",
      });
    }
  }

  #untaken(line: number, live: boolean, what: string, why: string, pass: () => void): void {
    const from = this.#at;
    pass();
    const hasIpvsadm = /\bipvsadm\b/.test(
      this.#source(this.#tokens[from], this.#tokens[this.#at - 1]),
    );
    if (!live || !hasIpvsadm) return;
    this.remarks.push({ line, message: `Cannot follow this ${what}: ${why}`, severity: "error" });
  }

  #define(name: string): void {
    while (this.#isOperator("(") || this.#isOperator(")") || this.#isOperator("\n")) this.#at++;
    if (this.#reserved(this.#tokens[this.#at]) === "{") this.#at++;
    this.#functions.set(name, this.#at);
    this.#list(["}"], false);
  }

  #simple(live: boolean): void {
    const first = this.#tokens[this.#at];
    const words: Token[] = [];
    const document: { readonly line: number; readonly text: string }[] = [];
    let last = first;
    for (let token = first; token !== undefined; token = this.#tokens[this.#at]) {
      if (token.kind === "operator") {
        if (!/[<>]/.test(token.text)) break;
        document.push(...token.document);
        // What is read or written.
        if (token.document.length === 0 && this.#tokens[this.#at + 1]?.kind === "word") this.#at++;
      } else words.push(token);
      last = this.#tokens[this.#at];
      this.#at++;
    }
    const name = this.#literal(words[0]);
    if (name !== undefined && words.length === 1 && this.#isOperator("(")) this.#define(name);
    else if (live && first !== undefined) this.#run(words, this.#source(first, last), document);
  }

  #run(words: readonly Token[], text: string, document: Command["document"]): void {
    const rest = [...words];
    while (rest[0] !== undefined && this.#variables.assign(rest[0])) rest.shift();
    if (rest[0] === undefined) return;
    const { fields, unknown } = this.#variables.values(rest);
    const [name = ""] = fields;
    if (DECLARES.test(name)) {
      for (const one of rest.slice(1)) this.#variables.assign(one);
      return;
    }
    const body = this.#functions.get(name);
    if (body === undefined) {
      this.commands.push({ line: rest[0].line, text, words: fields, unknown, document });
      return;
    }
    const back = this.#at;
    this.#at = body;
    this.#depth++;
    this.#list(["}"], true);
    this.#depth--;
    this.#at = back;
  }

  #isOperator(text: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === "operator" && token.text === text;
  }

  #reserved(token: Token | undefined): string | undefined {
    if (token?.kind === "operator") return /^(\(|\)|;;)$/.test(token.text) ? token.text : undefined;
    const word = this.#literal(token);
    return word !== undefined && (ENDS.has(word) || BEGINS.has(word)) ? word : undefined;
  }

  #literal(token: Token | undefined): string | undefined {
    const [part, ...more] = token?.kind === "word" ? token.parts : [];
    return more.length === 0 && part?.kind === "text" && !part.quoted ? part.text : undefined;
  }

  #source(from: Token | undefined, to: Token | undefined): string {
    return this.#text
      .slice(from?.from, to?.to)
      .replace(/\s*\\\r?\n\s*/g, " ")
      .trim();
  }
}

const BEGINS = new Set(["for", "while", "until", "if", "case", "function", "{", "!"]);
const ENDS = new Set(["in", "do", "done", "then", "else", "elif", "fi", "esac", "}"]);

function fits(pattern: string, value: string): boolean {
  return pattern === "*" || pattern === value;
}

export function isIpvsadm({ words }: Command): boolean {
  return words.some((word) => /(^|\/)ipvsadm(-restore|-save)?$/.test(word));
}
