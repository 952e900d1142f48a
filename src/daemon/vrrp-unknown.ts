// Adverts of virtual routers that are not configured here: counted, and told in the log when somebody wants to know.

import type { Log } from "../lib/log.ts";
import { openSparseLog } from "./vrrp-counters.ts";

export type Unknown = {
  /** log_unknown_vrids */
  readonly configure: (tells: boolean) => void;
  readonly heard: (device: string, vrid: number, source: string) => void;
  readonly count: () => number;
};

export function openUnknown(options: {
  /** Another port of the interface may know it. */
  readonly isKnown: (device: string, vrid: number) => boolean;
  readonly nowMs: () => number;
  readonly log: Log;
}): Unknown {
  const { isKnown, nowMs } = options;
  const sparse = openSparseLog(options.log);
  let tells = false;
  let count = 0;
  return {
    configure: (next) => void (tells = next),
    heard(device, vrid, source) {
      if (isKnown(device, vrid)) return;
      count += 1;
      if (!tells) return;
      sparse({ kind: `${device} ${vrid}`, nowMs: nowMs() }, (to, times) =>
        to.warn({ interface: device, vrid, source, times }, "advert of an unknown virtual router"),
      );
    },
    count: () => count,
  };
}
