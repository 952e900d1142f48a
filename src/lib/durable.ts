// Small files that somebody else may read or find later, the next run after a crash for one. They are written beside their
// place and moved there: a crash leaves the old one or the new one, and a link that was planted in its place is replaced,
// never written through. Whoever reads one takes the keys that it knows, so a file of another version is read too.

import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { parseRecord } from "./json.ts";

/**
 * Throws. `synced` = it is on the disk, and not only in memory, when this returns: a disk that stalls stalls this
 * process then. What tells how the kernel is goes without, for a machine that crashes loses both.
 */
export function replaceFile(
  path: string,
  text: string,
  { synced = false, mode = 0o600 }: { readonly synced?: boolean; readonly mode?: number } = {},
): void {
  const beside = `${path}.new`;
  rmSync(beside, { force: true });
  // "wx" is O_EXCL, which follows no link: open(2).
  writeAt(path, () => writeFileSync(beside, text, { mode, flag: "wx", flush: synced }));
  renameSync(beside, path);
  if (!synced) return;
  const directory = openSync(dirname(path), "r");
  fsyncSync(directory);
  closeSync(directory);
}

/** undefined = there is none, as in the first run since boot, or it is no JSON object. */
export function readRecord(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseRecord(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Says where a write failed: Node's own text of it (ENOSPC, EDQUOT, EIO) does not name the file. */
export function writeAt<Result>(path: string, write: () => Result): Result {
  try {
    return write();
  } catch (cause) {
    throw new Error(`Cannot write ${path}`, { cause });
  }
}
