// Whether the static things that instances track are there, group by group (keepalived's track_group). What somebody takes off
// is put back at once, so it only counts as gone when that fails, or when an interface that it needs is missing or down. Pure.

import type { Thing } from "../model.ts";
import type { FailedThing } from "./hands.ts";
import { interfacesOf, type LinkOf, nameOf, trackGroupOf } from "./things.ts";

export type TrackGroupNow = {
  readonly name: string;
  readonly up: boolean;
  /** The first thing that is not there, and why. */
  readonly detail: string;
};

export function trackGroupsNow(
  things: readonly Thing[],
  failed: readonly FailedThing[],
  linkOf: LinkOf,
): readonly TrackGroupNow[] {
  const causes = new Map(failed.map(({ thing, cause }) => [thing, cause]));
  const groups = new Map<string, TrackGroupNow>();
  for (const thing of things) {
    const name = trackGroupOf(thing);
    if (name === undefined || groups.get(name)?.up === false) continue;
    const cause = whyUnusable(thing, linkOf) ?? causes.get(thing);
    const detail = cause === undefined ? "all there" : `${nameOf(thing)}: ${cause}`;
    groups.set(name, { name, up: cause === undefined, detail });
  }
  return [...groups.values()];
}

function whyUnusable(thing: Thing, linkOf: LinkOf): string | undefined {
  for (const name of interfacesOf(thing)) {
    const link = linkOf(name);
    if (link === undefined) return `${name} is missing`;
    if (!link.running) return `${name} is down`;
  }
  return undefined;
}
