// The version of this package, from its package.json.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "./package-folder.ts";

/** "0.1.0" */
export function readVersion(): string {
  const text = readFileSync(join(packageFolder(), "package.json"), "utf8");
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
