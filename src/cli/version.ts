// duet version.

import { readVersion } from "../lib/version.ts";
import { EXIT_OK, EXIT_USAGE, parseOptions } from "./options.ts";

export function runVersion(args: readonly string[]): number {
  if (parseOptions("version", args, {}) === undefined) return EXIT_USAGE;
  console.log(`duet ${readVersion()}`);
  return EXIT_OK;
}
