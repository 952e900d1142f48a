// Real servers that have letter for letter the same between their braces, as thousands of a generated file do: it is read once, and
// the others are passed over. Only what plain lines say is the same wherever it stands: no comment, condition, definition or include.

import type { Lines } from "./places.ts";
import type { Remark, Sample, Tree } from "./tree.ts";

/** Services in turn have servers of several weights. */
const SAMPLES_MAX = 16;

export type Alike = {
  /** Behind each line of a file, and whether it was plain, which is handed back. */
  readonly next: (line: string, isPlain: boolean) => boolean;
};

type Reading = {
  readonly depth: number;
  readonly from: number;
  readonly line: number;
  readonly remarks: number;
};

export type Samples = { sample: Sample; raw: string; lines: number }[];

export function openAlike(
  lines: Lines,
  tree: Tree,
  remarks: readonly Remark[],
  samples: Samples,
): Alike {
  let reading: Reading | null = null;

  const begin = (): void => {
    const known = samples.find(({ raw, lines: count }) => lines.passOver(raw, count));
    if (known !== undefined) tree.closeLike(known.sample);
    else {
      const [depth, from, line] = [tree.depth(), lines.offset(), lines.number()];
      reading = { depth, from, line, remarks: remarks.length };
    }
  };

  const end = ({ from, line, remarks: before }: Reading): void => {
    reading = null;
    const raw = lines.since(from);
    const sample = tree.sample();
    // What is remarked names a line.
    if (sample === null || !raw.endsWith("\n") || remarks.length > before) return;
    samples.push({ sample, raw, lines: lines.number() - line });
    if (samples.length > SAMPLES_MAX) samples.shift();
  };

  return {
    next: (line, isPlain) => {
      if (!isPlain) reading = null;
      else if (reading === null) {
        if (line.endsWith("{") && tree.isServerBegun()) begin();
      } else if (line === "}" && tree.depth() < reading.depth) end(reading);
      return isPlain;
    },
  };
}
