// The version of this package, from its package.json.

import { readFileSync } from "node:fs";

/** "0.1.0" */
export function readVersion(): string {
  // From build/src/lib/ to the top of the package.
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
