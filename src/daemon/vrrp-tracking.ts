// What the tracked scripts of one instance do to it: faults, a change of priority, and whether enough is known
// to start. The desk runs the scripts and tells; here it is only looked up.

import type { TrackScriptConfig } from "../config/model.ts";
import { type Tracked, weightOf } from "../track/model.ts";
import type { FaultCause } from "../vrrp/model.ts";

export type Tracking = {
  readonly faults: readonly FaultCause[];
  readonly deltas: readonly number[];
  /** A script whose failure would be a FAULT has not run yet: an election now could elect a sick node. */
  readonly undecided: boolean;
};

export function trackingOf(
  scripts: readonly TrackScriptConfig[],
  tracked: ReadonlyMap<string, Tracked>,
): Tracking {
  const known = scripts.map((script) => ({ script, up: tracked.get(script.name)?.up ?? null }));
  // Only a success is healthy: what has not run counts as failed, where it counts at all.
  const effects = known.map(({ script, up }) => ({
    name: script.name,
    up,
    ...(up === null && script.weight !== 0
      ? { faults: false, delta: 0 }
      : weightOf(script, up ?? script.reverse)),
  }));
  return {
    faults: effects
      .filter(({ faults }) => faults)
      .map(({ name }): FaultCause => `track_script:${name}`),
    deltas: effects.map(({ delta }) => delta),
    undecided: effects.some(({ faults, up }) => faults && up === null),
  };
}
