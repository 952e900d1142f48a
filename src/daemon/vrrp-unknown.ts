// Adverts of virtual routers that are not configured here: counted, and told in the log when somebody wants to know.

import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { openSparseLog } from "./sparse-log.ts";

export type Unknown = {
  /** log_unknown_vrids */
  readonly configure: (tells: boolean) => void;
  readonly heard: (device: string, vrid: number, source: string) => void;
  readonly count: () => number;
  readonly close: () => void;
};

export function openUnknown(options: {
  /** Another port of the interface may know it. */
  readonly isKnown: (device: string, vrid: number) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}): Unknown {
  const { isKnown } = options;
  const sparse = openSparseLog(options.log, options.clock);
  let tells = false;
  let count = 0;
  return {
    configure: (next) => void (tells = next),
    heard(device, vrid, source) {
      if (isKnown(device, vrid)) return;
      count += 1;
      if (!tells) return;
      sparse.tell(`${device} ${vrid}`, (to, times) =>
        to.warn({ interface: device, vrid, source, times }, "advert of an unknown virtual router"),
      );
    },
    count: () => count,
    close: sparse.close,
  };
}
