// Waiting for something that will happen, with a limit: never a sleep in hope.

import { delayMs, nowMs } from "../../src/lib/clock.ts";
import { PATIENCE_MS } from "./wait.ts";

/** Resolves as soon as `holds` is true; throws with `what` after the limit. */
export async function until(
  what: string,
  holds: () => boolean,
  limitMs = PATIENCE_MS,
): Promise<void> {
  const endMs = nowMs() + limitMs;
  while (!holds()) {
    if (nowMs() > endMs) throw new Error(`Waited ${limitMs} ms in vain until ${what}`);
    await delayMs(5);
  }
}
