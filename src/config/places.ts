// What is told of lines of several files, which have one row of numbers while they are read.

import type { Places } from "./keepalived/places.ts";

/** A problem where it stands; what it says of other lines too: "line 7 has it already". */
export function placed<One extends { readonly line: number; readonly message: string }>(
  one: One,
  places: Places,
): One & { readonly file: string } {
  const { file, line } = places.at(one.line);
  // What stands in quotes is the operator's own.
  const message = one.message.replace(/"[^"]*"|\bline (\d+)\b/g, (whole, number?: string) => {
    if (number === undefined) return whole;
    const other = places.at(Number(number));
    return other.file === file ? `line ${other.line}` : `${other.file}:${other.line}`;
  });
  return { ...one, file, line, message };
}
