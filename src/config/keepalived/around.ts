// What the translation of every block shares: the sections so far, [global], what is remarked, and the names that blocks get.

import type { Remarks, Target } from "./target.ts";

export type Around = {
  readonly remarks: Remarks;
  readonly global: Target;
  /** A new section, behind those that are there. */
  readonly open: (kind: string, labels: readonly string[], line: number) => Target;
  /** It is taken back. */
  readonly close: (target: Target) => void;
  /** A name of keepalived as it may stand in a header here; an interface keeps its own. */
  readonly nameOf: (name: string, isLabel?: boolean) => string;
  /** What a virtual or a real server is called, which has no name in keepalived. */
  readonly serviceName: (place: string) => string;
};
