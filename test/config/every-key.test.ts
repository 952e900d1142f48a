// The judge of the table of keys: configurations of every key, read, printed and read again.

import test from "ava";
import fc from "fast-check";
import { keysOf, SECTION_NAMES } from "../../src/config/keys.ts";
import { printConfig } from "../../src/config/print.ts";
import { chanceOf, drawLines, repaired, textOf } from "./generate.ts";
import { configOf, problemsOf } from "./helpers.ts";

test("a configuration of any keys is printed so that it is read as the same (property)", (t) => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.constantFrom(5, 20, 40), (seed, share) => {
      const lines = repaired(drawLines(chanceOf(seed), share), problemsOf);
      if (lines === undefined) throw new Error(`Cannot repair the text of seed ${seed}`);
      const text = textOf(lines);
      const config = configOf(text);
      t.deepEqual(configOf(printConfig(config)), config, text);
      for (const { what } of lines) seen.add(what);
    }),
    { numRuns: 150, seed: 20 },
  );
  const keys = SECTION_NAMES.flatMap((section) =>
    Object.keys(keysOf(section)).map((key) => `${section}.${key}`),
  );
  t.deepEqual(
    keys.filter((key) => !seen.has(key)),
    [],
    "keys that no configuration had",
  );
});
