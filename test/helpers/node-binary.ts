// Node of another version, as npm ships it: fetched once, into the cache that scripts/setup names.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "duet-tools");

/** The path of the program. npm compares what it fetches with the checksum of the registry. */
export function nodeBinary(version: string): string {
  const binary = join(cache, `node-${version}-${process.arch}`);
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "fetch-"));
  try {
    const name = `node-linux-${process.arch}@${version}`;
    const packed = execFileSync("npm", ["pack", "--silent", name], { cwd: folder });
    execFileSync("tar", ["-xzf", packed.toString().trim(), "package/bin/node"], { cwd: folder });
    // Whole or not at all, whoever else fetches it at the same time.
    renameSync(join(folder, "package/bin/node"), binary);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return binary;
}
