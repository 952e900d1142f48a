// What an instance tracks: its own objects, and those of its sync group.
//
// As in keepalived: what the group tracks counts for every member, with the group's weight, unless a member that tracks
// it too says 0, which is a FAULT. A weight that only one member has is left out, as the members' priorities would
// part: each would find another master. sync_group_tracking_weight lets it in all the same.

import type { Weight } from "../../track/model.ts";
import type { TrackedUse, TrackerUse, TrackingConfig, TrackScriptConfig } from "../model.ts";
import type { Located, Tracked } from "../schema/row.ts";
import type { Draft, Section } from "../schema/section.ts";

type Kind = TrackedUse["kind"];

export const TRACK_KEYS = {
  script: "track_script",
  interface: "track_interface",
  file: "track_file",
  process: "track_process",
  bfd: "track_bfd",
  group: "track_group",
  virtual_server: "track_virtual_server",
} as const satisfies Readonly<Record<Kind, string>>;

export const KINDS = Object.keys(TRACK_KEYS) as readonly Kind[];
const WEIGHTLESS: Weight = { weight: 0, reverse: false };

type Tracker = Section<"vrrp_instance"> | Section<"vrrp_sync_group">;
type Group = Section<"vrrp_sync_group"> | undefined;

export function buildTracked(
  section: Section<"vrrp_instance">,
  group: Group,
  draft: Draft,
): { readonly trackScripts: readonly TrackScriptConfig[]; readonly tracking: TrackingConfig } {
  const uses = KINDS.flatMap((kind) => usesOf(kind, section, group, draft));
  const { dont_track_primary, bfd_promote } = section.values;
  return {
    trackScripts: uses
      .filter(({ kind }) => kind === "script")
      .map(({ name, weight, reverse }) => ({ name, weight, reverse })),
    tracking: {
      uses: uses.filter(isNoScript),
      dontTrackPrimary: dont_track_primary,
      bfdPromote: bfd_promote ?? null,
    },
  };
}

/** As written in this section, with the weights that hold for it alone. */
export function writtenUses(
  kind: Kind,
  { values }: Tracker,
  draft: Draft,
): readonly Located<TrackedUse>[] {
  const tracked: readonly Located<Tracked>[] = values[TRACK_KEYS[kind]];
  return tracked
    .filter(({ value: { name } }) => kind !== "interface" || !isOwn(name, values))
    .map(({ value: { name, weight }, line }) => ({
      value: { kind, name, ...(weight ?? ownWeight(kind, name, draft)) },
      line,
    }));
}

/** Its own interface counts for an instance without being named, and naming it changes nothing: as in keepalived. */
function isOwn(name: string, values: Tracker["values"]): boolean {
  return "interface" in values && values.interface === name;
}

/** Weights of a member that nobody heeds. */
export function ignoredUses(
  section: Section<"vrrp_instance">,
  group: Group,
  draft: Draft,
): readonly Located<TrackedUse>[] {
  if (group === undefined) return [];
  return KINDS.flatMap((kind) =>
    writtenUses(kind, section, draft).filter(({ value }) => !counts(value, group)),
  );
}

/** Of a sync group. */
export function writtenTracking(section: Tracker, draft: Draft): readonly TrackedUse[] {
  return KINDS.flatMap((kind) => writtenUses(kind, section, draft)).map(({ value }) => value);
}

function usesOf(
  kind: Kind,
  section: Section<"vrrp_instance">,
  group: Group,
  draft: Draft,
): readonly TrackedUse[] {
  const own = writtenUses(kind, section, draft).map(({ value }) => value);
  if (group === undefined) return own;
  const shared = writtenUses(kind, group, draft)
    .map(({ value }) => value)
    .filter(({ name }) => kind !== "interface" || name !== section.values.interface);
  const named = new Set(own.map(({ name }) => name));
  const kept = own.filter((use) => counts(use, group));
  return [
    ...kept.map((use) => (use.weight === 0 ? use : (shared.find(sameAs(use)) ?? use))),
    ...shared.filter(({ name }) => !named.has(name)),
  ];
}

function counts(use: TrackedUse, group: Section<"vrrp_sync_group">): boolean {
  return (
    use.weight === 0 ||
    group.values.group.length === 1 || // nobody to be parted from
    group.values.sync_group_tracking_weight ||
    group.values[TRACK_KEYS[use.kind]].some(({ value }) => value.name === use.name)
  );
}

function sameAs({ name }: TrackedUse): (use: TrackedUse) => boolean {
  return (use) => use.name === name;
}

function isNoScript(use: TrackedUse): use is TrackerUse {
  return use.kind !== "script";
}

function ownWeight(kind: Kind, name: string, draft: Draft): Weight {
  if (kind === "interface" || kind === "group" || kind === "virtual_server") return WEIGHTLESS;
  const sections = {
    script: draft.vrrp_script,
    file: draft.track_file,
    process: draft.vrrp_track_process,
    bfd: draft.bfd_instance,
  }[kind];
  return sections.find(({ labels }) => labels[0] === name)?.values.weight ?? WEIGHTLESS;
}
