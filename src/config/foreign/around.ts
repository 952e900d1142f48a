// What the translation of every part of a foreign file shares: the sections so far, [global], what is remarked, and the names that
// sections get.

import type { RawSection } from "../schema/lines.ts";
import { type Remarks, Target } from "./target.ts";

export type Around = {
  readonly remarks: Remarks;
  readonly global: Target;
  /** A new section, behind those that are there. */
  readonly open: (kind: string, labels: readonly string[], line: number) => Target;
  /** It is taken back. */
  readonly close: (target: Target) => void;
  /** A foreign name as it may stand in a header here; an interface keeps its own. */
  readonly nameOf: (name: string, isLabel?: boolean) => string;
  /** What a virtual or a real server is called, which has no name elsewhere. */
  readonly serviceName: (place: string) => string;
};

export function openAround(remarks: Remarks): {
  readonly around: Around;
  readonly sections: () => readonly RawSection[];
} {
  const targets: Target[] = [];
  const global = new Target("global", [], 0, remarks);
  const nameOf = (name: string, isLabel = true): string =>
    isLabel
      ? name
          .replace(/[^\w-]+/g, "-")
          .replace(/^-|-$/g, "")
          .slice(0, 64) || "_"
      : name;
  const around: Around = {
    remarks,
    global,
    open: (kind, labels, line) => {
      const names = labels.map((label) => nameOf(label, kind !== "interface"));
      const target = new Target(kind, names, line, remarks);
      targets.push(target);
      return target;
    },
    close: (target) => targets.splice(targets.indexOf(target), 1),
    nameOf,
    serviceName: nameOf,
  };
  return { around, sections: () => [global, ...targets].map((target) => target.section()) };
}
