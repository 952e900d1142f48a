// Which things an instance or a group tracks.

import type { Around } from "../foreign/around.ts";
import type { Target } from "../foreign/target.ts";
import type { Statement } from "./language.ts";

/** Of the things that instances track: which names there are. */
export type Tracked = Readonly<Record<TrackKey, ReadonlySet<string> | null>>;

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
    if (known !== null && !known.has(name)) {
      around.remarks.neverInForce(line, `${key} ${text}`, `there is no ${name}`);
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
