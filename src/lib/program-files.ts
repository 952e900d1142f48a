// Which files a process was loaded from. An upgrade in place replaces them below those that run: a process that starts then
// would be of another version than its guardian, or of two at once.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "./package-folder.ts";

/** The environment variable by which the guardian tells its children what it was started from. */
export const FILES_VARIABLE = "DUET_FILES";

/** Of the folder that the program lies in: another text when any file was replaced. Throws when they cannot be listed. */
export function filesId(codeFolder: string): string {
  const hash = createHash("sha256");
  const names = readdirSync(codeFolder, { recursive: true, encoding: "utf8" });
  for (const name of names.filter((each) => each.endsWith(".js")).sort()) {
    const { size, mtimeMs } = statSync(join(codeFolder, name));
    hash.update(`${name} ${size} ${mtimeMs}\n`);
  }
  hash.update(packages(packageFolder()));
  return hash.digest("hex").slice(0, 16);
}

/** What npm wrote last when it was done, but for what only developers need. Others do not leave such a file. */
function packages(folder: string): string {
  try {
    const text = readFileSync(join(folder, "node_modules/.package-lock.json"), "utf8");
    const { packages: all } = JSON.parse(text) as { readonly packages: Record<string, Package> };
    const needed = Object.entries(all).filter(([, { dev }]) => dev !== true);
    return needed.map(([name, { version }]) => `${name} ${version}\n`).join("");
  } catch {
    return "";
  }
}

type Package = { readonly version?: string; readonly dev?: boolean };
