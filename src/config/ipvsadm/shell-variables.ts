// What the variables of a script hold, as far as the script itself says it.

import type { Part, Token } from "./shell-tokens.ts";

export type Values = {
  readonly fields: readonly string[];
  /** What in them nobody knows: "$VIP". */
  readonly unknown: string | undefined;
};

const ASSIGNMENT = /^([A-Za-z_]\w*)=/;
/** A variable that is put into itself grows with each turn of a loop. */
const LETTERS_MAX = 100_000;

export class Variables {
  /** null = only a run would tell. */
  readonly #held = new Map<string, string | null>();

  set(name: string, value: string): void {
    this.#held.set(name, value);
  }

  /** NAME=VALUE; false = it is no such word. */
  assign(token: Token): boolean {
    if (token.kind !== "word") return false;
    const [first, ...more] = token.parts;
    const found = first?.kind === "text" && !first.quoted ? ASSIGNMENT.exec(first.text) : null;
    if (found === null || first?.kind !== "text") return false;
    const parts = [{ ...first, text: first.text.slice(found[0].length) }, ...more];
    const { fields, unknown } = this.#of(parts.map((part) => ({ ...part, quoted: true })));
    this.#held.set(found[1] ?? "", unknown === undefined ? (fields[0] ?? "") : null);
    return true;
  }

  values(words: readonly Token[]): Values {
    const all = words.map((one) => this.#of(one.kind === "word" ? one.parts : []));
    return {
      fields: all.flatMap(({ fields }) => fields),
      unknown: all.find(({ unknown }) => unknown !== undefined)?.unknown,
    };
  }

  /** Without quotes, what a variable holds is several words. */
  #of(parts: readonly Part[]): Values {
    const fields: string[] = [];
    let field: string | undefined;
    let unknown: string | undefined;
    for (const part of parts) {
      if (part.kind === "text") field = (field ?? "") + part.text;
      else if (part.kind === "unknown") unknown ??= part.text;
      else {
        const value = this.#held.get(part.name) ?? part.otherwise;
        if (value === undefined) unknown ??= `$${part.name}`;
        else if (part.quoted || !/\s/.test(value)) field = (field ?? "") + value;
        else {
          const [head = "", ...tail] = value.trim().split(/\s+/);
          fields.push((field ?? "") + head, ...tail.slice(0, -1));
          field = tail.at(-1);
        }
      }
      if ((field?.length ?? 0) > LETTERS_MAX) unknown ??= "a word of so many letters";
    }
    if (field !== undefined) fields.push(field);
    return { fields, unknown };
  }
}
