// ~SEQ(var, start, [step,] end) and ~LST(var, value, ...): the rest of the line once for each value. Several nest, the
// leftmost outermost.

import type { Budget } from "./definitions.ts";

type Repetition = {
  readonly names: readonly string[];
  /** Values of the names, one a turn. */
  readonly turns: readonly (readonly string[])[];
  readonly rest: string;
};

/** A range that nobody means. */
const TURNS_MAX = 100_000;
/** A turn costs as much as a line of an address, however short it is. */
const TURN_CHARACTERS = 80;

type Values = ReadonlyMap<string, string>;

/** The lines that a line stands for; `expand` puts in all other definitions, in which the values of a turn may stand too. */
export function repeat(
  line: string,
  budget: Budget,
  expand: (line: string, ofTurn: Values) => string,
  ofTurn: Values = new Map(),
): readonly string[] {
  const found = repetitionOf(line);
  if (found === null) return [expand(line, ofTurn)];
  const { names, turns, rest } = found;
  return turns.flatMap((values) => {
    budget.left -= Math.max(rest.length, TURN_CHARACTERS);
    if (budget.left < 0) return [];
    const inner = new Map(ofTurn);
    for (const [i, name] of names.entries()) inner.set(name, values[i] ?? "");
    return repeat(withValues(rest, names, values), budget, expand, inner);
  });
}

function withValues(line: string, names: readonly string[], values: readonly string[]): string {
  return line.replace(
    /\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)(?=\s|$)/g,
    (whole, braced?: string, bare?: string) => {
      const index = names.indexOf(braced ?? bare ?? "");
      return index === -1 ? whole : (values[index] ?? "");
    },
  );
}

function repetitionOf(line: string): Repetition | null {
  const found = /^(.*?)~(SEQ|SEQx|LST)\(([^)]*)\)\s*(.*)$/s.exec(line);
  if (found === null) return null;
  const [, before = "", kind = "", inside = "", after = ""] = found;
  const rest = `${before}${after}`;
  if (kind === "LST") return listOf(inside, rest);
  const [name = "", ...words] = inside.split(",").map((word) => word.trim());
  const numbers = words.map(Number);
  if (name === "" || numbers.length < 1 || numbers.length > 3 || numbers.some(Number.isNaN)) {
    return null;
  }
  const [start, step, end] = rangeOf(numbers);
  if (step === 0 || Math.sign(end - start) === -Math.sign(step)) return null;
  if (Math.abs((end - start) / step) > TURNS_MAX) return null;
  const turns: string[][] = [];
  for (let at = start; step > 0 ? at <= end : at >= end; at += step) {
    turns.push([at.toString(kind === "SEQx" ? 16 : 10)]);
  }
  return { names: [name], turns, rest };
}

function rangeOf(numbers: readonly number[]): readonly [number, number, number] {
  const [first = 0, second = 0, third = 0] = numbers;
  if (numbers.length === 1) return [1, first < 1 ? -1 : 1, first];
  if (numbers.length === 2) return [first, second < first ? -1 : 1, second];
  return [first, second, third];
}

/** "var, v1, v2" or "{a,b}, {1,2}, {3,4}". */
function listOf(inside: string, rest: string): Repetition | null {
  const items = inside.match(/\{[^}]*\}|[^,\s][^,]*/g)?.map((item) => item.trim()) ?? [];
  const [names, ...turns] = items.map((item) =>
    item.startsWith("{")
      ? item
          .slice(1, -1)
          .split(",")
          .map((one) => one.trim())
      : [item],
  );
  return names === undefined ? null : { names, turns, rest };
}
