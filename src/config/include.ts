// INI of several files: `include = GLOB` stands for the files that it means, seen from the folder of the file in which it stands.
// Lines of the first file have their own numbers; those of the others come after, and `places` knows where they stand.

import { dirname, resolve } from "node:path";
import { type Outside, TEXT_MAX } from "./keepalived/outside.ts";
import type { Place, Places } from "./keepalived/places.ts";
import { type Include, linesIn, type Scan, scanLines } from "./schema/lines.ts";

const FILES_MAX = 1000;

export function scanFiles(
  file: string,
  text: string,
  outside: Pick<Outside, "read" | "find">,
): Scan & { readonly places: Places | null } {
  const places: Place[] = [];
  const above = [resolve(file)];
  let files = 0;
  let letters = text.length;

  const addPlaces = (path: string, count: number, first = 1): void => {
    for (let i = 0; i < count; i++) places.push({ file: path, line: first + i });
  };

  /** Why a file is left out, or its text. */
  function textOf(path: string): { readonly why: string } | { readonly text: string } {
    if (above.includes(resolve(path))) return { why: "it includes itself" };
    if (++files > FILES_MAX) return { why: `${FILES_MAX} files are included before` };
    const found = outside.read(path);
    if (found === null) return { why: "it cannot be read" };
    letters += found.length;
    return letters > TEXT_MAX
      ? { why: `all files together have more than ${TEXT_MAX} letters` }
      : { text: found };
  }

  const include: Include = (pattern, line, report, scan) => {
    // Zero is the file as a whole.
    if (places.length === 0) addPlaces(file, linesIn(text).length + 1, 0);
    const found = outside.find(pattern, dirname(places[line]?.file ?? file));
    if (found.length === 0) {
      if (/[*?[{]/.test(pattern)) report(line, `include ${pattern}: no file is like it`, "warning");
      else report(line, `Cannot include ${pattern}: there is no such file`);
    }
    for (const path of found) {
      const read = textOf(path);
      if ("why" in read) {
        report(line, `Cannot include ${path}: ${read.why}`);
        continue;
      }
      const lineBefore = places.length - 1;
      addPlaces(path, linesIn(read.text).length);
      above.push(resolve(path));
      scan(read.text, lineBefore);
      above.pop();
    }
  };

  const scanned = scanLines(text, include);
  const at = (line: number): Place => places[line] ?? { file, line: 0 };
  return { ...scanned, places: places.length === 0 ? null : { at } };
}
