// Waiting with an end.

import type { Clock } from "./clock.ts";

/** Resolves with what `start` began gives to `done`, or with undefined after `limitMs`. */
export async function within<Given = void>(
  clock: Clock,
  limitMs: number,
  start: (done: (given: Given) => void) => void,
): Promise<Given | undefined> {
  return new Promise((resolve) => {
    const limit = clock.alarm(() => resolve(undefined));
    limit.set(clock.nowMs() + limitMs);
    start((given) => {
      limit.set(Infinity);
      resolve(given);
    });
  });
}
