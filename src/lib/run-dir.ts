// The directory that the daemon's lock, sockets and pid file live in.

import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { nameOfUser } from "./accounts.ts";

export const DEFAULT_RUN_DIR = "/run/duet";

/** What the command line says, or else the environment. */
export function runDirOf(given?: string): string {
  return given ?? process.env["DUET_RUN_DIR"] ?? DEFAULT_RUN_DIR;
}

const GROUP_WRITE = 0o020;
const OTHER_WRITE = 0o002;

/** Makes it, with its parents, where it is missing. Throws when it cannot be one. */
export function makeRunDir(path: string): void {
  try {
    makeWithParents(path);
    refuseShared(path);
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

/** Anybody who may write there can put links and sockets in the place of ours. Group 0 is root's. */
function refuseShared(path: string): void {
  const { uid, gid, mode } = statSync(path);
  const us = process.geteuid?.() ?? 0;
  if (uid !== us && uid !== 0) {
    throw new Error(`it is owned by ${nameOfUser(uid)}: it must be ${nameOfUser(us)}'s (chown)`);
  }
  const others = gid === 0 ? OTHER_WRITE : OTHER_WRITE | GROUP_WRITE;
  if ((mode & others) === 0) return;
  const octal = (mode & 0o7777).toString(8).padStart(4, "0");
  throw new Error(`its mode ${octal} lets others write there: it must be 0755 or less (chmod)`);
}
