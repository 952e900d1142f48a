// Which files a process was loaded from. An upgrade in place replaces them below those that run: a process that starts then
// would be of another version than its guardian, or of two at once.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The environment variable by which the guardian tells its children what it was started from. */
export const FILES_VARIABLE = "DUET_FILES";

// From build/src/lib/ to build/src/, and to the top of the package.
const code = fileURLToPath(new URL("..", import.meta.url));
const top = fileURLToPath(new URL("../../..", import.meta.url));

/** Another text when any file was replaced; throws when they cannot be listed. It costs some 10 ms. */
export function filesId(codeFolder: string = code, packageFolder: string = top): string {
  const hash = createHash("sha256");
  const names = readdirSync(codeFolder, { recursive: true, encoding: "utf8" });
  for (const name of names.filter((each) => each.endsWith(".js")).sort()) {
    const { size, mtimeMs } = statSync(join(codeFolder, name));
    hash.update(`${name} ${size} ${mtimeMs}\n`);
  }
  hash.update(packages(packageFolder));
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
