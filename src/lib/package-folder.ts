// Where this package lies: its package.json, and beside it its code and what it needs.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The nearest folder above this code with a package.json, whether the code is a bundle or not. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && folder !== "/") folder = dirname(folder);
  return folder;
}
