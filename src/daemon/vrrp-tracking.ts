// What the tracked objects of one instance do to it: faults, a change of priority, and whether enough is known
// to start. Who watches them does not matter here: they are only looked up.

import type { VrrpInstanceConfig } from "../config/model.ts";
import {
  type Effect,
  fileEffect,
  type Tracked,
  type TrackerKind,
  trackKey,
  type Weight,
  weightOf,
} from "../track/model.ts";
import type { FaultCause } from "../vrrp/model.ts";

export type Tracking = {
  readonly faults: readonly FaultCause[];
  readonly deltas: readonly number[];
  /** Something whose failure would be a FAULT is not known yet: an election now could elect a sick node. */
  readonly undecided: readonly FaultCause[];
};

type Use = Weight & { readonly kind: TrackerKind; readonly name: string };

export function trackingOf(
  config: Pick<VrrpInstanceConfig, "trackScripts" | "tracking">,
  tracked: ReadonlyMap<string, Tracked>,
): Tracking {
  const scripts = config.trackScripts.map((script): Use => ({ kind: "script", ...script }));
  const effects = [...scripts, ...config.tracking.uses].map((use) => {
    const known = tracked.get(trackKey(use.kind, use.name));
    return { use, known: known?.up !== undefined && known.up !== null, ...effectOf(use, known) };
  });
  const faulty = effects.filter(({ faults }) => faults);
  return {
    faults: faulty.map(({ use }) => causeOf(use)),
    deltas: effects.map(({ delta }) => delta),
    undecided: faulty.filter(({ known }) => !known).map(({ use }) => causeOf(use)),
  };
}

/** Without those of its sync group. */
export function ownFaultsOf(
  { tracking: { dontTrackPrimary }, way }: Pick<VrrpInstanceConfig, "tracking" | "way">,
  portFaults: readonly FaultCause[],
  tracking: Tracking,
): readonly FaultCause[] {
  const primary = portFaults.filter((each) => each !== "interface_down" || !dontTrackPrimary);
  const alone: readonly FaultCause[] =
    way.needsPeer && way.peers.length === 0 ? ["no_unicast_peer"] : [];
  return [...primary, ...alone, ...tracking.faults];
}

function causeOf({ kind, name }: Use): FaultCause {
  return `track_${kind}:${name}`;
}

function effectOf(use: Use, known: Tracked | undefined): Effect {
  if (use.kind === "file") return fileEffect(use, known?.value ?? 0);
  const up = known?.up ?? null;
  // Only a success is healthy: what is not known counts as failed, where it counts at all.
  if (up === null && use.weight !== 0) return { faults: false, delta: 0 };
  return weightOf(use, up ?? use.reverse);
}
