// What is said when a process stood still.

import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { openSparseLog } from "./sparse-log.ts";

const MESSAGES = {
  checks: "the checks stood still: what failed meanwhile is asked again",
  scripts: "the scripts stood still: what failed meanwhile is run again",
} as const;

export function logPauses(
  log: Log,
  clock: Clock,
  what: keyof typeof MESSAGES,
): { readonly told: (pauseMs: number) => void; readonly close: () => void } {
  const { tell, close } = openSparseLog(log, clock);
  return {
    told: (pauseMs) =>
      tell("pause", (to, times) => to.warn({ for_ms: Math.round(pauseMs), times }, MESSAGES[what])),
    close,
  };
}
