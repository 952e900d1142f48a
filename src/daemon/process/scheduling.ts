// Gives a role the place in the kernel's schedule that the configuration says. What the kernel refuses is told, once a
// value, and the work goes on.

import type { Scheduling } from "../../config/model.ts";
import { setCpus, setNice, setRealTime, setRttimeLimit } from "../../kernel/scheduling.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";

export const AS_STARTED: Scheduling = { rtPriority: null, nice: null, cpus: [], rttimeUs: null };

/** A function that makes the change from what it was told before. */
export function openScheduling(log: Log): (next: Scheduling) => void {
  let now: Scheduling = AS_STARTED;

  function attempt<K extends keyof Scheduling>(
    key: K,
    next: Scheduling,
    set: (value: Scheduling[K]) => void,
  ): void {
    if (JSON.stringify(next[key]) === JSON.stringify(now[key])) return;
    try {
      set(next[key]);
      log.info({ [key]: next[key] }, "scheduling changed");
    } catch (error) {
      log.error({ [key]: next[key], error: errorText(error) }, "scheduling refused by the kernel");
    }
  }

  return (next) => {
    attempt("cpus", next, setCpus);
    attempt("nice", next, setNice);
    attempt("rttimeUs", next, setRttimeLimit);
    attempt("rtPriority", next, setRealTime);
    now = next;
  };
}
