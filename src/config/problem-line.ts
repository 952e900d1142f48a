// A problem as one line for people.

import { plainText } from "../lib/plain-text.ts";
import type { Problem } from "./model.ts";

/** "conf/a.ini:12: warning: ..."; a problem of the file as a whole has no line. */
export function problemLine({ file, line, message, severity }: Problem): string {
  const place = line === 0 ? file : `${file}:${line}`;
  return plainText(`${place}: ${severity === "error" ? "" : `${severity}: `}${message}`);
}
