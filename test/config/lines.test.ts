import test from "ava";
import { scanLines } from "../../src/config/schema/lines.ts";

test("scanLines() gives every key with its line, whatever ends the lines", (t) => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const text = [
      "\ufeff; comment",
      "[a.b]",
      "",
      "  key = value # no",
      "list[] = 1",
      "bare",
      "# x",
      "  [c]  ",
      "k=v",
    ]
      .filter((line) => !line.includes("# no"))
      .join(end);
    t.deepEqual(scanLines(text), {
      problems: [],
      sections: [
        {
          name: "a.b",
          line: 2,
          entries: [
            { key: "list", list: true, value: "1", bare: false, line: 4 },
            { key: "bare", list: false, value: "", bare: true, line: 5 },
          ],
        },
        {
          name: "c",
          line: 7,
          entries: [{ key: "k", list: false, value: "v", bare: false, line: 8 }],
        },
      ],
    });
  }
});

const values: readonly (readonly [string, string])[] = [
  ["plain words", "plain words"],
  ['"a;b#c"', "a;b#c"],
  ["'a;b#c'", "a;b#c"],
  ["a\\;b", "a;b"],
  ["a\\#b", "a#b"],
  ["\\d+", "\\d+"],
  ['"\\\\d"', "\\d"],
  ["'\\d'", "\\d"],
  // ini would make a number, a boolean and a list of these three.
  ["'1'", "1"],
  ["'true'", "true"],
  ["'[1]'", "[1]"],
  ["true", "true"],
  ["a=b", "a=b"],
  ['"/a b/c" "d;e"', '"/a b/c" "d;e"'],
  ["'a' 'b'", "'a' 'b'"],
  ['""', ""],
  ['"', '"'],
];

for (const [raw, value] of values) {
  test(`scanLines() reads the value ${raw} as ${JSON.stringify(value)}`, (t) => {
    const { sections, problems } = scanLines(`[a]\nk = ${raw}`);
    t.deepEqual(problems, []);
    t.is(sections[0]?.entries[0]?.value, value);
  });
}

const bad: readonly (readonly [string, RegExp])[] = [
  ["a;b", /unquoted ";" cuts it to "a" \(did you mean "a;b"\?/],
  ["http://h/#x", /unquoted "#" cuts it to "http:\/\/h\/"/],
  ["5 # comment", /unquoted "#" cuts it to "5"/],
  ['"\\d"', /has to be written "\\\\"/],
];

for (const [raw, says] of bad) {
  test(`scanLines() reports the value ${raw} and keeps the key without a value`, (t) => {
    const { sections, problems } = scanLines(`[a]\nk = ${raw}`);
    t.is(problems.length, 1);
    t.regex(problems[0]?.message ?? "", says);
    t.is(problems[0]?.line, 2);
    t.is(sections[0]?.entries[0]?.value, null);
  });
}

test("scanLines() does not give the keys after a broken header to the section before", (t) => {
  const { sections } = scanLines("[a]\n[b\nk = v\n");
  t.deepEqual(sections[0]?.entries, []);
  t.is(sections[1]?.name, undefined);
});
