import test from "ava";
import { getopt } from "../../src/lib/getopt.ts";

const SPECS = [
  { long: "file", short: "f", value: "must" },
  { long: "vrrp", short: "P" },
  { long: "vrrp_pid", short: "r", value: "must" },
  { long: "test", short: "t", value: "may" },
  { long: "loud", short: "l" },
] as const;

/** "f=a", "word:b", "unknown:-Z" */
function read(...args: readonly string[]): readonly string[] {
  return getopt(args, SPECS).map((found) => {
    if (found.kind === "option") {
      return found.value === null ? found.spec.long : `${found.spec.long}=${found.value}`;
    }
    return `${found.kind}:${found.kind === "word" ? found.word : found.option}`;
  });
}

test("short options stand together, and their value behind them or in the same word", (t) => {
  t.deepEqual(read("-Plf", "a", "-fb"), ["vrrp", "loud", "file=a", "file=b"]);
  t.deepEqual(read("-t", "a", "-tb", "-lt"), ["test", "word:a", "test=b", "loud", "test"]);
});

test("long options take a value with = or behind them, and a beginning that is no other's", (t) => {
  t.deepEqual(read("--file=a=b", "--file", "c", "--fi=d"), ["file=a=b", "file=c", "file=d"]);
  t.deepEqual(read("--test", "--test=a"), ["test", "test=a"]);
  t.deepEqual(read("--vrrp", "--vrr"), ["vrrp", "unknown:--vrr"]);
});

test("what is no option is a word, and everything behind -- is", (t) => {
  t.deepEqual(read("a", "-l", "-", "--", "-P", "--file"), [
    "word:a",
    "loud",
    "word:-",
    "word:-P",
    "word:--file",
  ]);
});

test("an unknown option, a value that misses, and one where none belongs", (t) => {
  t.deepEqual(read("-Zl", "--nonsense", "--loud=1", "-f"), [
    "unknown:-Z",
    "loud",
    "unknown:--nonsense",
    "unknown:--loud=1",
    "missing:-f",
  ]);
});
