// What a type of key is: how its text is read, how its value is written, and how `duet help` tells it.

import { accept, type Judged, refuse } from "./judged.ts";

export type KeyType<T> = {
  /** The text behind the `=`: never empty, and without control characters unless `multiline` says otherwise. */
  parse(text: string): Judged<T>;
  /** parse() makes the same of it. */
  print(value: T): string;
  /** As `duet help KEY` tells it. */
  readonly help: string;
  /** What it is about, of a value of several words: the name of a section, or what may be there once. */
  about?(value: T): string | number | null;
  /** Only what goes over the wire may hold a line feed: everything else ends up in logs, headers and command lines. */
  readonly multiline?: true;
  /** What must not be told in a problem, which ends up in logs. */
  readonly secret?: true;
  /** The word alone means yes: keepalived's flags are so. */
  readonly flag?: true;
  /** Several of them on one line are one a line. */
  readonly isName?: true;
  /** The words of a choice. */
  readonly words?: readonly string[];
  /** The name of a host may stand for its address, and over an endpoint that of a port. */
  readonly hosts?: "address" | "endpoint";
  /** It begins with an address, of which no name is taken; in a place there is a port too. */
  readonly numeric?: "address" | "place";
};

/** The value of a key's type. */
export type ValueOf<Type> = Type extends KeyType<infer T> ? T : never;

export function parseValue<T>(type: KeyType<T>, text: string): Judged<T> {
  if (text === "") return refuse("written after the =, or the whole line left out");
  if (!type.multiline && hasControl(text)) return refuse("without control characters");
  return type.parse(text);
}

/** A text that is taken as it is when it looks right. */
export function textType(help: string, pattern: RegExp, mustBe: string): KeyType<string> {
  return {
    parse: (text) => (pattern.test(text) ? accept(text) : refuse(mustBe)),
    print: asItIs,
    help,
  };
}

export function asItIs(text: string): string {
  return text;
}

/** A word of a line and what stands behind it; null = neither. */
export function option(word: string, value: string | number | null): readonly string[] {
  return value === null ? [] : [word, String(value)];
}

const TAB = 9;

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 32 && code !== TAB) || code === 127) return true;
  }
  return false;
}
