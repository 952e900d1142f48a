// scripts/fuzz-config.mjs [COUNT] [SEED] : damaged keepalived.conf, ldirectord.cf and INI files, a million of them unless said. Each goes
// through its tokenizer and translation, each twentieth through the rules too; one that throws or takes longer than 2 s is
// printed, with what brings it back. Takes about 15 minutes and needs what `npm run build` made.

import { readdirSync, readFileSync } from "node:fs";
import { writtenIn } from "../build/src/config/foreign/front-ends.js";
import { dice, mutated, readAnyText } from "../build/test/config/damage.js";

const LIMIT_MS = 2000;
const RULES_EACH = 20;
const outside = { read: () => null, find: () => [], environment: () => undefined, configId: "lb1" };
const folders = ["test/keepalived", "test/keepalived/ipvs", "test/ldirectord", "conf"];

const texts = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.(conf|cf|ini)$/.test(name))
    .map((name) => readFileSync(`${folder}/${name}`, "utf8").slice(0, 2000)),
);

function fuzz(count, seed) {
  const roll = dice(seed);
  let faults = 0;
  for (let i = 0; i < count; i++) {
    const text = mutated(texts[roll(texts.length)], roll);
    const startMs = performance.now();
    try {
      if (i % RULES_EACH === 0) readAnyText("f", text);
      else writtenIn("f", text, outside);
    } catch (error) {
      faults += 1;
      console.log(`${i}: ${error.stack}\n${JSON.stringify(text)}`);
    }
    const tookMs = performance.now() - startMs;
    if (tookMs > LIMIT_MS) {
      faults += 1;
      console.log(`${i}: took ${Math.round(tookMs)} ms\n${JSON.stringify(text)}`);
    }
  }
  console.log(`${count} files, ${faults} faults (seed ${seed})`);
  return faults;
}

const [count = 1_000_000, seed = 1] = process.argv.slice(2).map(Number);
process.exitCode = fuzz(count, seed) === 0 ? 0 : 1;
