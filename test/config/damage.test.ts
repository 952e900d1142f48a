// Files that are damaged, each in one place: it is told on its line, and nothing crashes or hangs.

import { readFileSync } from "node:fs";
import test from "ava";
import { damagesOf, dice, mutated, readAnyText } from "./damage.ts";

const GOOD = [
  "test/keepalived/plain.conf",
  "test/keepalived/tracking.conf",
  "test/keepalived/dual-master.conf",
  "test/keepalived/ipvs/classic.conf",
  "test/keepalived/ipvs/quorum.conf",
  "test/config/design.ini",
  "test/ldirectord/sample.cf",
];

test("a damage is told on its line, hundreds of them", (t) => {
  const damages = GOOD.flatMap(damagesOf);
  t.true(damages.length >= 200, `${damages.length}`);
  const silent = damages.filter(({ text, lines, what }) => {
    const problems = readAnyText(what, text);
    return !problems.some(({ line }) => lines.includes(line));
  });
  t.deepEqual(
    silent.map(({ what }) => what),
    [],
  );
});

test("whatever is done to a file, it is read to its end", (t) => {
  const roll = dice(10);
  const texts = GOOD.map((file) => readFileSync(file, "utf8"));
  for (let i = 0; i < 3000; i++) {
    const text = mutated(texts[roll(texts.length)] ?? "", roll);
    t.notThrows(() => readAnyText("f", text), JSON.stringify(text));
  }
});
