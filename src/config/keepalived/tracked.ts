// Which things an instance or a group tracks.

import type { Around } from "../foreign/around.ts";
import type { Target } from "../foreign/target.ts";
import type { Statement } from "./tree.ts";

/** Of the things that instances track: which names there are, and where each begins. */
export type Tracked = Readonly<Record<TrackKey, ReadonlyMap<string, number> | null>>;

export type TrackKey =
  | "track_interface"
  | "track_script"
  | "track_file"
  | "track_process"
  | "track_bfd";

/** NAME [weight N [reverse|noreverse]]. */
export function addTracked(
  { block }: Statement,
  key: TrackKey,
  target: Target,
  tracked: Tracked,
  around: Around,
  ownInterface: string | undefined,
): void {
  for (const { words, line, text } of block ?? []) {
    const [name = "", word, weight, direction] = words;
    const known = tracked[key];
    const why = known === null ? undefined : whyUnknown(name, known, line);
    if (why !== undefined) {
      around.remarks.neverInForce(line, `${key} ${text}`, why);
      continue;
    }
    if (key === "track_interface" && name === ownInterface) {
      around.remarks.neverInForce(line, `${key} ${text}`, "its own interface is tracked anyhow");
      continue;
    }
    const parts = [around.nameOf(name, key !== "track_interface")];
    if (word === "weight" && weight !== undefined) {
      parts.push(word, weight);
      if (direction === "reverse") parts.push(direction);
    } else if (word !== undefined) {
      const behind = words.slice(1).join(" ");
      around.remarks.neverInForce(line, `${key} ${text}`, `"${behind}" must be "weight N"`);
      continue;
    }
    target.add(key, parts.join(" "), line, `${key} ${text}`);
  }
}

/** keepalived 2.2.7 looks a name up where it stands; undefined = it is found. */
export function whyUnknown(
  name: string,
  known: ReadonlyMap<string, number>,
  line: number,
): string | undefined {
  const from = known.get(name);
  if (from === undefined) return `there is no ${name}`;
  if (from <= line) return undefined;
  return `${name} must stand above it, as keepalived reads from the top, and stands below`;
}
