import test from "ava";
import { readWords } from "../../../src/ipvs/ipvsadm/words.ts";

// Each row was given to popt 1.19 with ipvsadm's table of options.
const LINES: readonly (readonly [string, unknown])[] = [
  ["-A -t x:80 -p -s rr", { words: "A t=x:80 p s=rr" }],
  ["-At x", { words: "A t=x" }],
  ["-Atx", { words: "A t=x" }],
  ["-At=x", { words: "A t=x" }],
  ["--tcp-service=x -A", { words: "t=x A" }],
  ["-A -t -s", { words: "A t=-s" }],
  ["-list", { words: "l i s=t" }],
  ["-Ln --stats", { words: "L n stats" }],
  ["-A -p 30", { words: "A p=30" }],
  ["-A -p30", { words: "A p=30" }],
  ["-A -p=30", { words: "A p=30" }],
  ["-A -pn", { words: "A p=n" }],
  ["-A --persistent=30", { words: "A p=30" }],
  ["-A --persistent=", { words: "A p=" }],
  ["-A -p", { words: "A p" }],
  ["-A -p -5", { words: "A p", error: "-5: unknown option" }],
  ["-A -", { words: "A", rest: ["-"] }],
  ["-A -- -t x", { words: "A", rest: ["-t", "x"] }],
  ["foo -L bar", { words: "L", rest: ["foo", "bar"] }],
  ["--set 1 2 3", { words: "set", rest: ["1", "2", "3"] }],
  ["-A -q", { words: "A", error: "-q: unknown option" }],
  ["-AqL", { words: "A", error: "-AqL: unknown option" }],
  ["-A -t", { words: "A", error: "-t: missing argument" }],
  ["-A --tcp-service", { words: "A", error: "--tcp-service: missing argument" }],
  ["--list=3", { words: "", error: "--list=3: option does not take an argument" }],
  ["-L=n", { words: "", error: "-L=n: option does not take an argument" }],
  ["-An=5", { words: "A", error: "-An=5: option does not take an argument" }],
  ["--li", { words: "", error: "--li: unknown option" }],
  ["-A --foo=3", { words: "A", error: "--foo=3: unknown option" }],
  ["-L ---", { words: "L", error: "---: unknown option" }],
  ["-L --=x", { words: "L", error: "--=x: unknown option" }],
];

for (const [line, expected] of LINES) {
  test(`readWords() reads "${line}" as popt does`, (t) => {
    const { words, rest, error } = readWords(line.split(" "));
    t.deepEqual(
      {
        words: words
          .map(({ option: { short, long }, value }) =>
            [short ?? long, ...(value === undefined ? [] : [value])].join("="),
          )
          .join(" "),
        ...(rest.length > 0 && { rest }),
        ...(error !== null && { error: `${error.argument}: ${error.text}` }),
      },
      expected,
    );
  });
}

test("readWords() takes -l as it is spelled, and the last argument read for error texts", (t) => {
  const { words } = readWords(["-A", "-t", "x", "-Ln"]);
  t.deepEqual(
    words.map(({ argument }) => argument),
    ["-A", "x", "-Ln", "-Ln"],
  );
});
