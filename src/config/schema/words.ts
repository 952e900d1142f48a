// Lines of several words, as a list of their parts: it reads them, prints them and says what would be right.

import { accept, type Judged, refuse } from "./judged.ts";
import { bool } from "./plain-types.ts";
import { didYouMean, nearest } from "./suggest.ts";
import { type KeyType, parseValue } from "./type.ts";

type Kind = "first" | "perhaps" | "option" | "needed" | "flag";

type Part = {
  readonly kind: Kind;
  /** How help calls its value. */
  readonly shown: string;
  /** What stands in front of the value, in all spellings; the first one is printed. */
  readonly words: readonly string[];
  readonly type: KeyType<unknown>;
  /** Its value is all the words that are left. */
  readonly rest?: true;
};

type PartOf<K extends Kind, T> = Part & { readonly kind: K; readonly type: KeyType<T> };

/** A value that the line cannot be without, at its place. */
export function first<T>(shown: string, type: KeyType<T>, words = ""): PartOf<"first", T> {
  return { kind: "first", shown, type, words: split(words) };
}

/** One that may be there, alone or behind its word. */
export function perhaps<T>(shown: string, type: KeyType<T>, words = ""): PartOf<"perhaps", T> {
  return { kind: "perhaps", shown, type, words: split(words) };
}

/** A word and its value, anywhere behind what comes first. */
export function option<T>(
  words: string,
  shown: string,
  type: KeyType<T>,
  more: { readonly rest?: true } = {},
): PartOf<"option", T> {
  return { kind: "option", shown, type, words: split(words), ...more };
}

/** An option that has to be there. */
export function needed<T>(words: string, shown: string, type: KeyType<T>): PartOf<"needed", T> {
  return { kind: "needed", shown, type, words: split(words) };
}

/** A word alone. */
export function flag(word: string): PartOf<"flag", boolean> {
  return { kind: "flag", shown: "", type: bool, words: [word] };
}

type Parts = Readonly<Record<string, Part>>;

/** What a line comes to; null = not written. */
export type LineOf<P extends Parts> = {
  readonly [K in keyof P]: P[K] extends PartOf<infer Of, infer T>
    ? Of extends "perhaps" | "option"
      ? T | null
      : T
    : never;
};

type More<T> = Omit<Partial<KeyType<T>>, "parse" | "print"> & {
  /** What is wrong with words that are right by themselves: reads on after the line. */
  readonly judge?: (line: T) => string | false | undefined;
};

export function lineType<P extends Parts>(
  parts: P,
  more: More<LineOf<P>> = {},
): KeyType<LineOf<P>> {
  const { judge, ...rest } = more;
  const help = rest.help ?? Object.values(parts).map(helpOf).join(" ");
  const print = (line: LineOf<P>): string =>
    Object.entries(parts)
      .flatMap(([key, part]) => wordsOf(part, line[key]))
      .join(" ");
  return {
    ...rest,
    help,
    print,
    parse(text) {
      const taken = take(text.split(/\s+/), parts);
      if (typeof taken === "string") return refuse(`${help}${taken}`);
      const line = taken.values as LineOf<P>;
      const wrong = judge?.(line);
      return typeof wrong === "string" ? refuse(`${help}, ${wrong}`) : accept(line, taken.effect);
    },
  };
}

/** A line whose model is another one. */
export function madeOf<T, U>(
  line: KeyType<T>,
  make: (words: T) => Judged<U>,
  unmake: (value: U) => T,
  more: Omit<Partial<KeyType<U>>, "parse" | "print"> = {},
): KeyType<U> {
  return {
    help: line.help,
    ...more,
    print: (value) => line.print(unmake(value)),
    parse(text) {
      const words = line.parse(text);
      if (!words.ok) return words;
      const made = make(words.value);
      if (!made.ok) return refuse(`${more.help ?? line.help}, ${made.mustBe}`);
      return accept(made.value, made.effect ?? words.effect);
    },
  };
}

type Taken = { readonly values: Readonly<Record<string, unknown>>; readonly effect?: string };

/** The values, or what is wrong: it reads on after the line. */
function take(words: readonly string[], parts: Parts): Taken | string {
  const all = Object.entries(parts);
  const values: Record<string, unknown> = Object.fromEntries(
    all.map(([key, { kind }]) => [key, kind === "flag" ? false : null]),
  );
  const taken = new Set<string>();
  let effect: string | undefined;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    const open = all.findIndex(([key, { kind }]) => kind === "first" && !taken.has(key));
    const before = open === -1 ? all : all.slice(0, open + 1);
    const named = before.find(([, part]) => part.words.includes(word));
    if (named !== undefined && taken.has(named[0])) return `, with one "${word}"`;
    if (named?.[1].kind === "flag") {
      values[named[0]] = true;
      taken.add(named[0]);
      continue;
    }
    let value: string | undefined = word;
    if (named !== undefined) {
      value = named[1].rest ? words.slice(i + 1).join(" ") : words[i + 1];
      i = named[1].rest ? words.length : i + 1;
      if (value === undefined || value === "") return `, with a word after "${word}"`;
    }
    const found = named ?? placeOf(word, before, taken);
    if (typeof found === "string") return found;
    const [key, part] = found;
    const judged = parseValue(part.type, value);
    if (!judged.ok)
      return `, and ${[...part.words.slice(0, 1), part.shown].join(" ")} is ${judged.mustBe}`;
    values[key] = judged.value;
    effect ??= judged.effect;
    taken.add(key);
  }
  const missing = all.some(
    ([key, { kind }]) => (kind === "first" || kind === "needed") && !taken.has(key),
  );
  if (missing) return "";
  return { values, ...(effect !== undefined && { effect }) };
}

type Entry = readonly [key: string, part: Part];

/** Which part a word is that none is known by; those with a word of their own come last. */
function placeOf(word: string, all: readonly Entry[], taken: ReadonlySet<string>): Entry | string {
  const isTaken = ([key]: Entry): boolean => taken.has(key);
  const fits = ([, { type }]: Entry): boolean => parseValue(type, word).ok;
  const places = all.filter(
    (entry) => entry[1].kind === "perhaps" || (entry[1].kind === "first" && !isTaken(entry)),
  );
  const order = [
    ...places.filter(([, { words }]) => words.length === 0),
    ...places.filter(([, { words }]) => words.length > 0),
  ];
  const free = order.filter((entry) => !isTaken(entry));
  const found = free.find(fits);
  const earlier = order.find(fits);
  // A second mode is no name of an interface.
  if (earlier !== undefined && found !== undefined && earlier[1].type !== found[1].type) {
    return `, with one ${earlier[1].shown}`;
  }
  const known = all.flatMap(([, { words }]) => words);
  const asked = free.find(([, { kind }]) => kind === "first");
  if (found !== undefined || asked !== undefined) return found ?? asked ?? "";
  if (free.length === 0 || nearest(word, known) !== undefined) {
    return `, not "${word}"${didYouMean(word, known)}`;
  }
  const rules = free.map(([, { shown, type }]) => {
    const judged = parseValue(type, word);
    return judged.ok ? "" : `${shown} is ${judged.mustBe}`;
  });
  return `, and ${rules.join(", ")}`;
}

function wordsOf({ kind, words, type }: Part, value: unknown): readonly string[] {
  if (value === null || value === false) return [];
  const named = words.slice(0, 1);
  if (kind === "flag") return named;
  return [...(kind === "first" ? [] : named), type.print(value)];
}

function helpOf({ kind, words: [word], shown }: Part): string {
  if (kind === "first") return word === undefined ? shown : `[${word}] ${shown}`;
  if (kind === "needed") return `${word} ${shown}`;
  if (kind === "perhaps") return word === undefined ? `[${shown}]` : `[[${word}] ${shown}]`;
  return `[${[word, ...(shown === "" ? [] : [shown])].join(" ")}]`;
}

function split(words: string): readonly string[] {
  return words.split(" ").filter((word) => word !== "");
}
