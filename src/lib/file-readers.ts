// Who may read a file beside root and its owner. Every directory on the way has to let them in: what is below one of mode
// 0700 is nobody's, whatever its own mode is. Reads modes and groups only: no access control lists.

import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { nameOfGroup } from "./accounts.ts";

export type Access = { readonly gid: number; readonly mode: number };

/** The file, then the directories above it up to /; undefined = it is not there, or is no file. */
export type LookUp = (path: string) => readonly [Access, ...Access[]] | undefined;

const OTHER_READ = 0o004;
const OTHER_SEARCH = 0o001;
const GROUP_READ = 0o040;
const GROUP_SEARCH = 0o010;

/** "everybody may read it (mode 0644)", "group staff may read it (mode 0640)"; undefined = nobody else may. */
export function readersOf(
  path: string,
  lookUp: LookUp = lookAtDisk,
  groupName: (gid: number) => string = nameOfGroup,
): string | undefined {
  const [file, ...directories] = lookUp(path) ?? [];
  if (file === undefined) return undefined;
  const { gid, mode } = file;
  const written = `may read it (mode ${(mode & 0o7777).toString(8).padStart(4, "0")})`;
  const letsIn = (each: Access, bit: number): boolean => (each.mode & bit) !== 0;
  if (letsIn(file, OTHER_READ) && directories.every((each) => letsIn(each, OTHER_SEARCH))) {
    return `everybody ${written}`;
  }
  const letsGroupIn = directories.every(
    (each) => letsIn(each, OTHER_SEARCH) || (each.gid === gid && letsIn(each, GROUP_SEARCH)),
  );
  // Members of root's group are trusted like root.
  return letsIn(file, GROUP_READ) && gid !== 0 && letsGroupIn
    ? `group ${groupName(gid)} ${written}`
    : undefined;
}

function lookAtDisk(path: string): readonly [Access, ...Access[]] | undefined {
  try {
    let at = realpathSync(path);
    const file = statSync(at);
    if (!file.isFile()) return undefined;
    const directories: Access[] = [];
    while (at !== "/") {
      at = dirname(at);
      directories.push(statSync(at));
    }
    return [file, ...directories];
  } catch {
    return undefined;
  }
}
