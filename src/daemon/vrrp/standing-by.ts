// Maintenance, as the elections see it: who is MASTER steps down, and nobody becomes it.

import type { Maintenance } from "../../control/maintenance.ts";
import type { Log } from "../../lib/log.ts";

export type StandingBy = {
  readonly isOn: () => boolean;
  /** As the desk says it, now and at each of its starts. */
  readonly told: (maintenance: Maintenance | null) => void;
};

/** `first`: what was written down before this process started. */
export function openStandingBy(options: {
  readonly first: Maintenance | null;
  readonly onChange: () => void;
  readonly log: Log;
}): StandingBy {
  const { first, onChange, log } = options;
  let isOn = first !== null;
  if (first !== null) log.info({ ...first }, "maintenance goes on");
  return {
    isOn: () => isOn,
    told(maintenance) {
      const before = isOn;
      isOn = maintenance !== null;
      if (before === isOn) return;
      log.info({ ...maintenance }, isOn ? "maintenance begins" : "maintenance is over");
      onChange();
    },
  };
}
