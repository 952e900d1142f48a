// A small file that somebody else may read or find later is written beside its place and moved there: a crash leaves the
// old one or the new one, and a link that was planted in its place is replaced, never written through.

import { renameSync, rmSync, writeFileSync } from "node:fs";
import { writeAt } from "./write-at.ts";

/** Mode 0600. Throws. */
export function replaceFile(path: string, text: string): void {
  const beside = `${path}.new`;
  rmSync(beside, { force: true });
  // O_EXCL follows no link: open(2).
  writeAt(path, () => writeFileSync(beside, text, { mode: 0o600, flag: "wx" }));
  renameSync(beside, path);
}
