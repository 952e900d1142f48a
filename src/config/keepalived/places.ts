// Lines of several files, numbered through, and where each of them stands. A file of 37,000 servers has 200,000 of them, so
// neither a line nor its place is kept: places are runs of lines that follow each other.

import { trimmed } from "./words.ts";

export type Place = { readonly file: string; readonly line: number };

export type Places = {
  /** Of a number that is none: the beginning of the first file. */
  readonly at: (number: number) => Place;
};

type Run = { readonly from: number; readonly file: string; readonly line: number };

export type Lines = {
  /** Without white space around it; null = the file ends. */
  readonly next: () => string | null;
  /** Of the line that came last. */
  readonly number: () => number;
  /** Where the next one begins, and what stands between such a place and the next one. */
  readonly offset: () => number;
  readonly since: (offset: number) => string;
  /** Whether these lines come next: then the last of them is the one that came last. */
  readonly passOver: (raw: string, lines: number) => boolean;
};

export function openPlaces(file: string): {
  readonly places: Places;
  readonly linesOf: (path: string, content: string) => Lines;
} {
  const start: Run = { from: 0, file, line: 0 };
  const runs: Run[] = [start];
  let last = 0;
  const at = (number: number): Place => {
    const { from, file: path, line } = (number <= last ? runAt(runs, number) : undefined) ?? start;
    return { file: path, line: number <= last ? line + number - from : 0 };
  };
  const add = (path: string, line: number): number => {
    last += 1;
    const run = runs.at(-1) ?? start;
    if (run.file !== path || run.line + last - run.from !== line) {
      runs.push({ from: last, file: path, line });
    }
    return last;
  };
  const linesOf = (path: string, content: string): Lines => {
    let from = content.startsWith("\ufeff") ? 1 : 0;
    let count = 0;
    let number = 0;
    const next = (): string | null => {
      if (from >= content.length) return null;
      const found = content.indexOf("\n", from);
      const end = found === -1 ? content.length : found;
      // Indentation is most of what there is to trim: one string less for each line.
      while (content.charCodeAt(from) === SPACE) from += 1;
      const line = trimmed(content.slice(from, end));
      from = end + 1;
      number = add(path, ++count);
      return line;
    };
    const passOver = (raw: string, lines: number): boolean => {
      if (!content.startsWith(raw, from)) return false;
      from += raw.length;
      count += lines;
      last += lines - 1;
      number = add(path, count);
      return true;
    };
    return {
      next,
      number: () => number,
      offset: () => from,
      since: (offset) => content.slice(offset, from),
      passOver,
    };
  };
  return { places: { at }, linesOf };
}

const SPACE = 32;

function runAt(runs: readonly Run[], number: number): Run | undefined {
  let [low, high] = [0, runs.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.from ?? 0) <= number) low = middle;
    else high = middle;
  }
  return runs[low];
}
