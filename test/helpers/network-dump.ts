// Everything of a place's network that `duet realserver` may touch.

import type { Place } from "./daemon-place.ts";

/** Lines; two networks are the same when these are. */
export function networkDump(place: Place): readonly string[] {
  return [
    place.run("ip -o link"),
    // Lifetimes that run, of addresses and routes that the kernel made.
    place.run("ip -o address").replaceAll(/valid_lft \d+sec preferred_lft \d+sec/g, ""),
    place.run("ip -4 route show table all"),
    place.run("ip -6 route show table all").replaceAll(/expires \d+sec/g, ""),
    place.run("grep -r . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf --exclude=stable_secret"),
  ].flatMap((text) => text.split("\n"));
}

/** "- line" for each that is gone and "+ line" for each that is new; one that only moved is told by the order alone. */
export function networkChanges(
  before: readonly string[],
  after: readonly string[],
): readonly string[] {
  const changes = [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
  if (changes.length > 0) return changes;
  return before.join("\n") === after.join("\n") ? [] : ["the order", ...after];
}
