// The types of keys that anything may have: numbers, times, choices, names and texts.

import type { Weight } from "../../track/model.ts";
import { accept, isLabel, type Judged, labelRule, refuse } from "./judged.ts";
import { didYouMean } from "./suggest.ts";
import { asItIs, type KeyType, textType } from "./type.ts";

export const INT32_MAX = 2 ** 31 - 1;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const COMMAND_MAX = 4096;
const LINE_MAX = 1024;

export const bool: KeyType<boolean> = {
  parse(text) {
    const word = text.toLowerCase();
    if (word === "yes" || word === "true" || word === "on") return accept(true);
    if (word === "no" || word === "false" || word === "off") return accept(false);
    return refuse("yes or no (or true, false, on, off)");
  },
  print: yesNo,
  help: "yes or no (true, false, on, off)",
  flag: true,
};

export const name: KeyType<string> = {
  parse: (text) => (isLabel(text) ? accept(text) : refuse(labelRule)),
  print: asItIs,
  help: "the NAME of another section",
  isName: true,
};

/** What others than duet call so, who take fewer letters. */
export const plainWord: KeyType<string> = textType(
  "a word",
  /^[\w-]{1,64}$/,
  "1 to 64 letters, digits, _ and -",
);

export const path: KeyType<string> = textType(
  "path, from its first /",
  /^\/[\x21-\x7e]*$/,
  "a path that begins with / and holds no spaces (write %20)",
);

export const file: KeyType<string> = textType(
  "path of a file, from its first /",
  /^\//,
  "a path that begins with /",
);

export const word: KeyType<string> = textType(
  "one word",
  /^[\x21-\x7e]{1,255}$/,
  "one word of up to 255 letters",
);

export const command: KeyType<string> = {
  parse: (text) => atMost(text, COMMAND_MAX),
  print: asItIs,
  help: "command line, run without a shell",
};

const TEXT_HELP = "text; in quotes when it holds ; or #";

export const text: KeyType<string> = {
  parse: (written) => accept(written),
  print: asItIs,
  help: TEXT_HELP,
  multiline: true,
};

/** A text without line feeds, and one that no problem tells. */
export const line: KeyType<string> = {
  parse: (written) => atMost(written, LINE_MAX),
  print: asItIs,
  help: TEXT_HELP,
};
export const secret: KeyType<string> = { ...line, secret: true };

/** `range` is said instead of "min to max". */
export function integer(min: number, max: number, range = `${min} to ${max}`): KeyType<number> {
  return {
    parse: (written) => parseInteger(written, min, max, range),
    print: String,
    help: range,
  };
}

export function oneOf<const Word extends string>(...words: readonly Word[]): KeyType<Word> {
  const list = words.length === 2 ? words.join(" or ") : `one of ${words.join(", ")}`;
  return {
    parse(written) {
      // keepalived's files say "TCP" and "dr" too.
      const found = words.find((each) => each.toLowerCase() === written.toLowerCase());
      return found === undefined ? refuse(`${list}${didYouMean(written, words)}`) : accept(found);
    },
    print: asItIs,
    help: words.join(" | "),
    words,
    ...(words.some((each) => each === "yes") && { flag: true }),
  };
}

type Limits = {
  readonly minMs: number;
  readonly maxMs: number;
  readonly wholeSeconds?: true;
  /** A number alone is milliseconds here, as in keepalived. */
  readonly bareMs?: true;
  /** How often or how long something is asked: hundreds of seconds without a unit are milliseconds that somebody meant. */
  readonly pace?: true;
};

/** Milliseconds. */
export function duration(limits: Limits): KeyType<number> {
  const { minMs, maxMs, bareMs } = limits;
  return {
    parse: (written) => parseDuration(written, limits),
    print: bareMs ? (ms) => `${ms}ms` : formatDuration,
    help: `time, ${helpTime(minMs)} to ${helpTime(maxMs)}; a number alone is ${bareMs ? "milliseconds" : "seconds"}, 250ms 1s 2m are accepted`,
  };
}

/** Of a row: a word alone that is off where it is not written. */
export const flag = { type: bool, default: "no" } as const;

export function weight(max: 253 | 254): KeyType<Weight> {
  return {
    parse: (written) => parseWeight(written.split(/\s+/), max),
    print: printWeight,
    help: `${-max} to ${max}, with the word reverse after it the other way round`,
  };
}

/** 1500 -> "1500ms", 5000 -> "5": duration() makes the same of it. */
export function formatDuration(ms: number): string {
  return ms % 1000 === 0 ? String(ms / 1000) : `${ms}ms`;
}

export function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

export function printWeight({ weight: number, reverse }: Weight): string {
  return `${number}${reverse ? " reverse" : ""}`;
}

export function parseWeight(words: readonly string[], max: number): Judged<Weight> {
  const right = `${-max} to ${max}, and then perhaps reverse`;
  const [number = "", direction = "noreverse", ...rest] = words;
  const judged = parseInteger(number, -max, max, right);
  if (!judged.ok || rest.length > 0) return refuse(right);
  if (direction !== "reverse" && direction !== "noreverse") return refuse(right);
  return accept({ weight: judged.value, reverse: direction === "reverse" });
}

function parseInteger(written: string, min: number, max: number, range: string): Judged<number> {
  if (!/^[+-]?\d{1,15}$/.test(written)) return refuse(range);
  const number = Number(written);
  return number < min || number > max ? refuse(range) : accept(number + 0);
}

const LONG_PACE_MS = 500_000;

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function parseDuration(
  written: string,
  { minMs, maxMs, wholeSeconds, bareMs, pace }: Limits,
): Judged<number> {
  const range = `${spoken(minMs)} to ${spoken(maxMs)}`;
  const examples = bareMs ? "with its unit, such as 50ms or 1s" : "such as 5, 2s, 250ms or 1m";
  const right = `${wholeSeconds ? "whole seconds" : "a time"} from ${range}, ${examples}`;
  const match = /^(\d{1,9}(?:\.\d{1,6})?)\s?(ms|s|m|h)?$/.exec(written);
  if (match === null) return refuse(right);
  // Microseconds are the grain: 0.29 s is 290 ms, not 289.99999999999994.
  const unit = match[2] ?? (bareMs ? "ms" : "s");
  const ms = Math.round(Number(match[1]) * (unitsMs[unit] ?? 0) * 1000) / 1000;
  if (ms < minMs || ms > maxMs || (wholeSeconds && ms % 1000 !== 0)) return refuse(right);
  if (match[2] !== undefined) return accept(ms);
  if (pace && ms >= LONG_PACE_MS) {
    const seconds = Number(match[1]);
    return accept(ms, `that is ${seconds} seconds: write ${seconds}ms or ${seconds}s`);
  }
  if (!bareMs) return accept(ms);
  return accept(
    ms,
    `a number alone is milliseconds here, as in keepalived, and seconds elsewhere: write ${match[1]}ms`,
  );
}

function spoken(ms: number): string {
  return ms < 1000 && ms > 0 ? `${ms}ms` : `${ms / 1000}s`;
}

function helpTime(ms: number): string {
  return ms === 0 || ms >= 1000 ? `${ms / 1000}s` : `${ms}ms`;
}

function atMost(written: string, lettersMax: number): Judged<string> {
  return written.length <= lettersMax
    ? accept(written)
    : refuse(`up to ${lettersMax} letters long`);
}
