// Text of others, for people.

import test from "ava";
import fc from "fast-check";
import { few, plainData, plainJson, plainText } from "../../src/lib/plain-text.ts";

const PLAIN: readonly (readonly [string, string])[] = [
  ["all is well: Grüße, 日本, 😀", "all is well: Grüße, 日本, 😀"],
  ["\u001b[2J\u001b]0;owned\u0007", "\\x1b[2J\\x1b]0;owned\\x07"],
  ["a\nb\tc\rd", "a\\nb\\tc\\rd"],
  ["\u009b31m", "\\x9b31m"],
  ["del\u007f", "del\\x7f"],
  ["\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066"],
  ["\u2028next", "\\u2028next"],
  ["half \ud83d of one", "half \\ud83d of one"],
];

for (const [text, plain] of PLAIN) {
  test(`plainText(${JSON.stringify(plain)})`, (t) => {
    t.is(plainText(text), plain);
    t.is(plainText(plain), plain, "twice is once");
  });
}

test("plainData(): every text in there, and nothing else", (t) => {
  const data = { a: ["x\u001b", { b: "1\n2" }], n: 1, no: null, yes: true };
  t.deepEqual(plainData(data), { a: ["x\\x1b", { b: "1\\n2" }], n: 1, no: null, yes: true });
});

test("plainJson() is the same to who parses it, and nothing to a terminal", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const json = plainJson(JSON.stringify({ text }, null, 2));
      t.deepEqual(JSON.parse(json), { text });
      t.notRegex(json.replaceAll("\n", ""), /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    }),
  );
});

test("plainText(): whatever it is given, a terminal obeys nothing of it", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const plain = plainText(text);
      t.notRegex(plain, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u);
    }),
  );
});

test("few() cuts a long list and says how much", (t) => {
  t.deepEqual(few(["a", "b"]), ["a", "b"]);
  t.deepEqual(few(["a", "b", "c", "d", "e"]), ["a", "b", "c", "d", "e"]);
  t.deepEqual(few(["a", "b", "c", "d", "e", "f"]), ["a", "b", "c", "d", "and 2 more"]);
});
