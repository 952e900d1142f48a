// What happened to links between two looks at them. Pure.

import type { Link } from "../../kernel/links.ts";

export type LinksByName = ReadonlyMap<string, Link | undefined>;

/** undefined = nothing that matters to what is held on them. */
export function turnedBetween(
  before: LinksByName,
  now: LinksByName,
): { readonly moved: ReadonlySet<string>; readonly up: ReadonlySet<string> } | undefined {
  const moved = new Set<string>();
  const up = new Set<string>();
  let isSame = true;
  for (const [name, link] of now) {
    const old = before.get(name);
    if (old?.index === link?.index && old?.running === link?.running) continue;
    isSame = false;
    // The old one may live on under another name.
    if (old !== undefined && old.index !== link?.index) moved.add(name);
    if (link?.running && old?.running === false) up.add(name);
  }
  return isSame ? undefined : { moved, up };
}
