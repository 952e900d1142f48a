// Could anybody but root put another file in the place of this one? Every directory on the way and every
// symbolic link is looked at, from / down: who may write to a directory may rename what is in it.
//
// A sticky directory of root's (/tmp) is all right when what follows is root's: inode(7), only the owner of an
// entry, the owner of the directory and root may rename or remove it.
//
// Reads modes and owners only: no access control lists, no interpreter of a #! line, no other word of a command.

import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, join } from "node:path";
import { nameOfGroup, nameOfUser } from "./accounts.ts";

export type Names = {
  readonly user: (uid: number) => string;
  readonly group: (gid: number) => string;
};

/** What of an entry counts here; undefined = it is not there, or may not be looked at. */
export type Look = (path: string) => Entry | undefined;
export type Entry = {
  readonly kind: "directory" | "link" | "other";
  readonly uid: number;
  readonly gid: number;
  /** Twelve bits. */
  readonly mode: number;
  /** Of a link. */
  readonly target: string;
};

/**
 * Which component of an absolute path is not root's alone: "/etc/duet is writable by group staff (mode 0775)".
 * undefined = none, or there is no such file: to start it fails by itself.
 */
export function unsafeComponent(
  path: string,
  look: Look = lookAtDisk,
  names: Names = { user: nameOfUser, group: nameOfGroup },
): string | undefined {
  let at = "/";
  let links = 0;
  const root = look(at);
  let reason = root === undefined ? undefined : blame(at, root, names);
  const rest = wordsOf(path);
  for (let name = rest.shift(); reason === undefined && name !== undefined; name = rest.shift()) {
    if (name === "..") {
      at = dirname(at);
      continue;
    }
    const next = join(at, name);
    const entry = look(next);
    if (entry === undefined) return undefined;
    if (entry.kind !== "link") {
      reason = blame(next, entry, names);
      at = next;
      continue;
    }
    links += 1;
    if (links > LINKS_MAX) return undefined;
    // A link is always mode 0777, which counts for nothing; its owner matters, in a sticky directory most of all.
    if (entry.uid !== 0) reason = owned(next, entry, names);
    if (entry.target.startsWith("/")) at = "/";
    rest.unshift(...wordsOf(entry.target));
  }
  return reason;
}

/** path_resolution(7): more are ELOOP. */
const LINKS_MAX = 40;

const STICKY = 0o1000;
const GROUP_WRITE = 0o020;
const OTHER_WRITE = 0o002;

function blame(path: string, entry: Entry, names: Names): string | undefined {
  const { kind, uid, gid, mode } = entry;
  if (uid !== 0) return owned(path, entry, names);
  // What comes next is then looked at as everything is: it must be root's.
  if (kind === "directory" && (mode & STICKY) !== 0) return undefined;
  const written = `(mode ${mode.toString(8).padStart(4, "0")})`;
  if ((mode & OTHER_WRITE) !== 0) return `${path} is writable by everybody ${written}`;
  if ((mode & GROUP_WRITE) !== 0 && gid !== 0) {
    return `${path} is writable by group ${names.group(gid)} ${written}`;
  }
  return undefined;
}

function owned(path: string, { uid }: Entry, names: Names): string {
  return `${path} is owned by ${names.user(uid)}`;
}

function wordsOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function lookAtDisk(path: string): Entry | undefined {
  try {
    const stats = lstatSync(path);
    const { uid, gid } = stats;
    const kind = kindOf(stats);
    const target = kind === "link" ? readlinkSync(path) : "";
    return { kind, uid, gid, mode: stats.mode & 0o7777, target };
  } catch {
    return undefined;
  }
}

function kindOf(stats: Stats): Entry["kind"] {
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "link" : "other";
}
