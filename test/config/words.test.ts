// The grammar of lines of several words, on lines of its own.

import test from "ava";
import fc from "fast-check";
import { interfaceName } from "../../src/config/schema/addresses.ts";
import { integer, name, oneOf } from "../../src/config/schema/plain-types.ts";
import { first, flag, lineType, needed, option, perhaps } from "../../src/config/schema/words.ts";

const line = lineType({
  quick: flag("quick"),
  from: first("FROM", name),
  mode: perhaps("fast|slow", oneOf("fast", "slow")),
  dev: perhaps("IF", interfaceName, "dev"),
  count: option("count times", "N", integer(1, 9)),
});

test("what is written is read, in any order behind what comes first", (t) => {
  const plain = { quick: false, from: "a", mode: null, dev: null, count: null };
  for (const [text, more] of [
    ["a", {}],
    ["quick a", { quick: true }],
    ["a eth0 times 3 slow", { dev: "eth0", count: 3, mode: "slow" }],
    ["a fast dev slow", { dev: "slow", mode: "fast" }],
    ["dev", { from: "dev" }],
  ] as const) {
    t.deepEqual(line.parse(text), { ok: true, value: { ...plain, ...more } }, text);
  }
});

test("what is wrong is told behind the whole line", (t) => {
  const help = "[quick] FROM [fast|slow] [[dev] IF] [count N]";
  t.is(line.help, help);
  for (const [text, wrong] of [
    ["quick", ""],
    ["a/b", ", and FROM is 1 to 64 letters, digits, _, -, . and :"],
    ["a count", ', with a word after "count"'],
    ["a count 1 times 2", ', with one "times"'],
    ["a count 10", ", and count N is 1 to 9"],
    ["a fast slow", ", with one fast|slow"],
    ["a fast eth0 cuont", ', not "cuont" (did you mean "count"?)'],
    ["a quick", undefined],
  ] as const) {
    if (wrong === undefined) t.true(line.parse(text).ok, text);
    else t.deepEqual(line.parse(text), { ok: false, mustBe: help + wrong }, text);
  }
  const all = lineType({
    table: needed("table", "N", integer(1, 9)),
    from: option("from", "A", name),
  });
  t.deepEqual(all.parse("from a"), { ok: false, mustBe: "table N [from A]" });
});

test("a line is printed so that it is read as the same (property)", (t) => {
  const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value);
  const word = fc.stringMatching(/^[a-z]{1,8}$/).filter((text) => text !== "quick");
  const values = fc.record({
    quick: fc.boolean(),
    from: word,
    mode: maybe(fc.constantFrom("fast" as const, "slow" as const)),
    dev: maybe(word),
    count: maybe(fc.integer({ min: 1, max: 9 })),
  });
  fc.assert(
    fc.property(values, (value) => {
      t.deepEqual(line.parse(line.print(value)), { ok: true, value });
    }),
  );
});
