// The directory that the daemon's lock, sockets and pid file live in.

import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Makes it, with its parents, where it is missing. Throws when it cannot be one. */
export function makeRunDir(path: string): void {
  try {
    makeWithParents(path);
  } catch (error) {
    throw new Error(`Cannot use run directory "${path}"`, { cause: error });
  }
}

// Not mkdir's own `recursive`: it tries for ever where the parent exists and refuses children with ENOENT (/proc).
function makeWithParents(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(path);
  if (statSync(parent, { throwIfNoEntry: false }) === undefined) makeWithParents(parent);
  mkdirSync(path, { mode: 0o700 });
}
