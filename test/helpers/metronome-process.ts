// A program of its own: beats as evenly as the machine lets it, and tells its parent by how much each beat was late.
//   [beat's wall time in ms, how late it was]

import { setTimeout as delay } from "node:timers/promises";
import { wallMs } from "./daemon-place.ts";

const PERIOD_MS = 10;
/** It wants as much of the processor as those that it stands for. */
const WORK_MS = 1;
/** Of a timer on a machine that does nothing else. */
const USUAL_MS = 2;

process.once("disconnect", () => process.exit());
let lastMs = wallMs();
for (;;) {
  await delay(PERIOD_MS);
  const endMs = performance.now() + WORK_MS;
  while (performance.now() < endMs);
  const nowMs = wallMs();
  const lateMs = nowMs - lastMs - PERIOD_MS - WORK_MS - USUAL_MS;
  process.send?.([nowMs, Math.max(0, lateMs)]);
  lastMs = nowMs;
}
