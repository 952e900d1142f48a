// What the guardian does beside its work when duet runs in place of another program, so that scripts and units of that one
// go on working.

import type { Role } from "../../../control/status.ts";

export type StandIn = {
  /** The guardian's process is called so: pidof(1) and pkill(1) find it. */
  readonly program: "keepalived" | "ldirectord";
  /** What alone of the configuration runs; null = all of it. */
  readonly half: Half | null;
  readonly pidFiles: PidFiles;
  /** Of the command line, for the log: what has no effect here. */
  readonly notes: readonly string[];
};

export type Half = "vrrp" | "checkers";

export type PidFiles = { readonly [role in Role]?: string };
