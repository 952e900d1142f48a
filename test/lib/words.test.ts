import test from "ava";
import fc from "fast-check";
import { splitWords } from "../../src/lib/words.ts";

for (const [line, words] of [
  ["", []],
  ["  \t ", []],
  ["/bin/true", ["/bin/true"]],
  [" a  b\tc ", ["a", "b", "c"]],
  ["a 'b c' d", ["a", "b c", "d"]],
  ['a "b c"d', ["a", "b cd"]],
  ["a '' \"\"", ["a", "", ""]],
  ["a\\ b", ["a b"]],
  ["'a\\b'", ["a\\b"]],
  ['"a\\"b\\\\c\\d"', ['a"b\\c\\d']],
  ["$HOME `x` a|b >c", ["$HOME", "`x`", "a|b", ">c"]],
] as const) {
  test(`splitWords() of ${JSON.stringify(line)}`, (t) => {
    t.deepEqual(splitWords(line), { ok: true, words });
  });
}

for (const [line, reason] of [
  ["a 'b", "a ' is not closed"],
  ['a "b', 'a " is not closed'],
  ['a "b\\"', 'a " is not closed'],
  ["a\\", "it ends in a backslash"],
] as const) {
  test(`splitWords() refuses ${JSON.stringify(line)}`, (t) => {
    t.deepEqual(splitWords(line), { ok: false, reason });
  });
}

test("splitWords() gives back any words that were quoted", (t) => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (words) => {
      const single = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
      t.deepEqual(splitWords(single), { ok: true, words });
      const double = words.map((word) => `"${word.replaceAll(/["\\$`]/g, "\\$&")}"`).join(" ");
      t.deepEqual(splitWords(double), { ok: true, words });
    }),
  );
});
