// keepalived.conf made by chance, of every keyword: each can be run, and its INI text means the same.

import test from "ava";
import fc from "fast-check";
import { convertedText } from "../../src/config/convert.ts";
import { BLOCKS } from "../../src/config/foreign/carried-words.ts";
import { forgive } from "../../src/config/keepalived/forgive.ts";
import { translate } from "../../src/config/keepalived/translate.ts";
import { type NativeResult, readNative } from "../../src/config/native.ts";
import { problemLine } from "../../src/config/problem-line.ts";
import { chanceOf } from "./generate.ts";
import { drawKeepalived } from "./generate-keepalived.ts";
import { KEY_TEXT } from "./helpers.ts";

const outside = { read: () => null, find: () => [], environment: () => undefined, configId: "lb1" };
const around = {
  file: "k",
  hostname: "lb1",
  ownAddresses: new Set<string>(),
  keyFile: () => ({ ok: true, text: KEY_TEXT }) as const,
};

test("a keepalived.conf of any keywords is the same in INI (property)", (t) => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.constantFrom(3, 10, 30), (seed, share) => {
      const { text, words } = drawKeepalived(chanceOf(seed), share);
      const { places, comments, ...written } = translate("k", text, outside);
      const read = forgive(written, places, (scan) => readNative({ ...around, text, scan }));
      const { result, sections } = read;
      const ini = convertedText(sections, comments);
      const again = readNative({ ...around, text: ini });
      if (!result.ok || !again.ok) {
        throw new Error(
          `${problemsIn(result)}\n---\n${problemsIn(again)}\n---\n${text}\n---\n${ini}`,
        );
      }
      t.deepEqual(again.config, result.config, text);
      const told = new Set(result.warnings.map(({ message }) => message));
      t.deepEqual(
        again.warnings.filter(({ message }) => !told.has(message)).map(problemLine),
        [],
        `${text}\n---\n${ini}`,
      );
      for (const word of words) seen.add(word);
    }),
    { numRuns: 200, seed: 20 },
  );
  const all = BLOCKS.filter(({ name }) => name !== "").flatMap(({ name, words }) =>
    [...words].flatMap(([word, { as }]) => (as === "nothing" ? [] : [`${name}.${word}`])),
  );
  t.deepEqual(
    all.filter((word) => !seen.has(word)),
    [],
  );
});

function problemsIn(result: NativeResult): string {
  return (result.ok ? result.warnings : result.problems).map(problemLine).join("\n");
}
