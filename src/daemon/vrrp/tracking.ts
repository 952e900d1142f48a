// What the tracked objects of one instance do to it: faults, a change of priority, and whether enough is known
// to start. Who watches them does not matter here: they are only looked up.

import type { TrackerUse, VrrpInstanceConfig } from "../../config/model.ts";
import type { Log } from "../../lib/log.ts";
import {
  type Effect,
  fileEffect,
  type Tracked,
  type TrackerKind,
  trackKey,
  type Weight,
  weightOf,
} from "../../track/model.ts";
import type { FaultCause } from "../../vrrp/model.ts";
import type { PriorityPart } from "../../vrrp/priority.ts";
import { effectivePriority } from "../../vrrp/priority.ts";
import type { Input, State } from "../../vrrp/states.ts";
import { heldVips } from "./holding.ts";

export type Tracking = {
  readonly faults: readonly FaultCause[];
  readonly deltas: readonly number[];
  /**
   * Something is not known yet whose failure would be a FAULT, or that is never known at a start (the director speaks later,
   * whatever the weight): an election now could elect a sick node.
   */
  readonly undecided: readonly FaultCause[];
  /** Why the priority is what it is. */
  readonly parts: readonly PriorityPart[];
  /** What is behind the faults, by their cause. */
  readonly details: ReadonlyMap<FaultCause, FaultDetail>;
};

/** What the one who watches says. */
export type FaultDetail = { readonly detail: string; readonly since: string | null };

type Use = Weight & { readonly kind: TrackerKind; readonly name: string };

/** As in keepalived: an interface that an address is on is tracked, unless its loss is not to matter (no_track). */
export function usesOf(config: VrrpInstanceConfig): readonly TrackerUse[] {
  const { vrrp, link, tracking, addressLinks } = config;
  const below = new Map(addressLinks.map((each) => [each.name, each.below]));
  const known = new Set([
    vrrp.interface,
    link?.name,
    ...tracking.uses.filter(isInterface).map(({ name }) => name),
  ]);
  const names = heldVips(config)
    .filter(({ noTrack }) => noTrack !== true)
    .map((vip) => below.get(vip.interface) ?? vip.interface)
    .filter((name) => !known.has(name));
  const implied = Array.from(new Set(names), (name): TrackerUse => {
    return { kind: "interface", name, weight: 0, reverse: false };
  });
  return [...tracking.uses, ...implied];
}

const isInterface = ({ kind }: TrackerUse): boolean => kind === "interface";

export function trackingOf(
  config: Pick<VrrpInstanceConfig, "trackScripts" | "tracking">,
  tracked: ReadonlyMap<string, Tracked>,
): Tracking {
  const scripts = config.trackScripts.map((script): Use => ({ kind: "script", ...script }));
  const effects = [...scripts, ...config.tracking.uses].map((use) => {
    const known = tracked.get(trackKey(use.kind, use.name));
    const isKnown = known?.up !== undefined && known.up !== null;
    return { use, known: isKnown, ...effectOf(use, known), ...detailOf(known) };
  });
  const faulty = effects.filter(({ faults }) => faults);
  return {
    faults: faulty.map(({ use }) => causeOf(use)),
    deltas: effects.map(({ delta }) => delta),
    undecided: effects
      .filter(({ use, known, faults }) => !known && (faults || use.kind === "virtual_server"))
      .map(({ use }) => causeOf(use)),
    details: new Map(
      faulty.map(({ use, detail, since }) => [causeOf(use), { detail, since }] as const),
    ),
    parts: effects.flatMap(({ use, faults, delta, detail, since }): readonly PriorityPart[] => {
      // A file adds what its number is worth; of the others a reward may be missing.
      const missing = delta === 0 && use.weight > 0 && use.kind !== "file" ? use.weight : 0;
      if (faults || (delta === 0 && missing === 0)) return [];
      return [{ what: `${use.kind.replace("_", " ")} ${use.name}`, delta, missing, detail, since }];
    }),
  };
}

/** With what is behind the fault that the other members of its group make; `sick`: which of them, and of what. */
export function withGroup(tracking: Tracking, group: string | null, sick: string | null): Tracking {
  if (group === null || sick === null) return tracking;
  const details = new Map(tracking.details);
  details.set(`sync_group:${group}`, { detail: sick, since: null });
  return { ...tracking, details };
}

function detailOf(known: Tracked | undefined): FaultDetail {
  if (known === undefined) return { detail: "not known yet", since: null };
  const { detail, at, since = at } = known;
  return { detail, since };
}

/** The machine sees the effective priority; in maintenance it preempts nobody, and nobody is succeeded. */
export function electionConfigOf(
  { vrrp }: Pick<VrrpInstanceConfig, "vrrp">,
  { deltas }: Pick<Tracking, "deltas">,
  standsBy: boolean,
): VrrpInstanceConfig["vrrp"] {
  const priority = effectivePriority(vrrp.priority, deltas);
  return standsBy ? { ...vrrp, priority, preempt: false, standsBy } : { ...vrrp, priority };
}

/** What it tracks, said or implied. */
export function allTrackingOf(
  config: VrrpInstanceConfig,
  tracked: ReadonlyMap<string, Tracked>,
): Tracking {
  const { trackScripts, tracking } = config;
  return trackingOf({ trackScripts, tracking: { ...tracking, uses: usesOf(config) } }, tracked);
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

/** bfd_promote: a session with somebody else than the master, or with another address of his, says nothing about him. */
export function promotion(state: State, neighbor: string, nowMs: number, log: Log): Input {
  const master = state.name === "BACKUP" ? state.master?.address : undefined;
  if (master !== undefined && master !== neighbor) {
    log.warn({ neighbor, master }, "bfd_promote has no effect: adverts come from another address");
  }
  return { type: "promote", nowMs, address: neighbor };
}
