// How the demo speaks: steps, facts and checks, one line each.

import { writeSync } from "node:fs";

const startMs = performance.now();

export function note(text) {
  writeSync(1, `${text}\n`);
}

export function step(text) {
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  note(`\n[${seconds.padStart(5)} s] ${text}`);
}

export function fact(text) {
  note(`    ${text}`);
}

/** Throws when it is not so: the story ends there. */
export function check(text, isSo) {
  note(`  ${isSo ? "ok  " : "FAIL"} ${text}`);
  if (!isSo) throw new Error(text);
}

export function ms(value) {
  return `${value < 10 && value > 0 ? value.toFixed(1) : Math.round(value)} ms`;
}
