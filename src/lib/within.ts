// Waiting with an end.

import type { Clock } from "./clock.ts";

/** Resolves when what `start` began calls `done`, or after `limitMs`. */
export async function within(
  clock: Clock,
  limitMs: number,
  start: (done: () => void) => void,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const limit = clock.alarm(resolve);
    limit.set(clock.nowMs() + limitMs);
    start(() => {
      limit.set(Infinity);
      resolve();
    });
  });
}
