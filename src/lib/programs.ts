// Which file a command's first word is: by PATH, or as the path it is. Scripts are run in "/".

import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";

export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** An absolute path; undefined = PATH has no such program. A path is not looked at, a name is. */
export function findProgram(
  program: string,
  path: string = process.env["PATH"] ?? DEFAULT_PATH,
): string | undefined {
  if (program.includes("/")) return resolve("/", program);
  const places = path.split(":").filter(isAbsolute);
  return places.map((place) => join(place, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
