import test from "ava";
import fc from "fast-check";
import { stepsMax } from "../../../src/check/expressions/cost.ts";

for (const source of [
  "ok",
  "^HTTP/1\\.[01] 200",
  "healthy|ready|ok",
  "\\d{3} [A-Za-z]{2,8}",
  "\\d{1,3}\\.\\d{1,3}",
  "(?:UP|RUNNING), (?<role>primary|standby)",
  "status[\\]:]? ok",
  "a{2}b{0,3}?",
]) {
  test(`/${source}/ has a limit`, (t) => {
    new RegExp(source);
    const steps = stepsMax(source, 1000);
    t.true(steps <= 1_000_000, String(steps));
    t.true(stepsMax(source, 2000) > steps);
  });
}

for (const source of [
  "(a+)+$",
  "a*b",
  "foo.*bar",
  "a{2,}",
  "(a|b)\\1",
  "(?<x>a)\\k<x>",
  "(?=a)a",
  "(?<!a)b",
  "[ab]+",
]) {
  test(`/${source}/ has none that can be told`, (t) => {
    new RegExp(source);
    t.is(stepsMax(source, 10), Infinity);
  });
}

test("repetitions that multiply are counted so", (t) => {
  t.true(stepsMax("(a?){30}a{30}", 30) > 2 ** 30);
  t.true(stepsMax("(a|a){30}b", 30) > 2 ** 30);
  t.true(stepsMax(`${"a?".repeat(30)}${"a".repeat(30)}`, 30) > 2 ** 30);
});

// A matcher that backtracks as plainly as can be, and counts: the limit must hold for every text.
type Node =
  | { readonly kind: "letter"; readonly letter: string }
  | { readonly kind: "any" }
  | { readonly kind: "all"; readonly nodes: readonly Node[] }
  | { readonly kind: "one of"; readonly nodes: readonly Node[] }
  | { readonly kind: "times"; readonly node: Node; readonly least: number; readonly most: number };

function written(node: Node): string {
  switch (node.kind) {
    case "letter":
      return node.letter;
    case "any":
      return ".";
    case "all":
      return node.nodes.map(written).join("");
    case "one of":
      return `(?:${node.nodes.map(written).join("|")})`;
    case "times":
      return `(?:${written(node.node)}){${node.least},${node.most}}`;
  }
}

function countSteps(root: Node, text: string): number {
  let steps = 0;
  function match(node: Node, at: number, then: (at: number) => boolean): boolean {
    steps += 1;
    switch (node.kind) {
      case "letter":
        return text[at] === node.letter && then(at + 1);
      case "any":
        return at < text.length && then(at + 1);
      case "all":
        return node.nodes.reduceRight<(at: number) => boolean>(
          (rest, each) => (from) => match(each, from, rest),
          then,
        )(at);
      case "one of":
        return node.nodes.some((each) => match(each, at, then));
      case "times": {
        const again = (done: number, from: number): boolean =>
          (done < node.most && match(node.node, from, (next) => again(done + 1, next))) ||
          (done >= node.least && then(from));
        return again(0, at);
      }
    }
  }
  for (let from = 0; from <= text.length; from += 1) {
    if (match(root, from, () => false)) break;
  }
  return steps;
}

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Node>({ kind: "letter", letter: "a" }, { kind: "any" }),
    fc
      .array(tie("node"), { minLength: 1, maxLength: 3 })
      .map((nodes): Node => ({ kind: "all", nodes })),
    fc
      .array(tie("node"), { minLength: 1, maxLength: 3 })
      .map((nodes): Node => ({ kind: "one of", nodes })),
    fc
      .tuple(tie("node"), fc.nat(2), fc.nat(2))
      .map(
        ([each, least, more]): Node => ({ kind: "times", node: each, least, most: least + more }),
      ),
  ),
}));

test("no text makes a matcher work longer than stepsMax() says", (t) => {
  fc.assert(
    fc.property(node, fc.nat(8), (root, length) => {
      const source = written(root);
      const limit = stepsMax(source, length);
      // Words of the expression are visited as well as letters of the text.
      fc.pre(limit < 20_000);
      return countSteps(root, "a".repeat(length)) <= limit * (source.length + 1);
    }),
    { numRuns: 500 },
  );
  t.pass();
});
