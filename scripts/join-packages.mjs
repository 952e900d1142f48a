// scripts/join-packages.mjs : makes one file of each of the packages below, in its place in node_modules. Every test file is a
// process of its own, which loads ava, which loads these: 400 files, more than most tests load of duet, found, read and
// compiled one by one.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const MARK = "// Joined by scripts/join-packages.mjs\n";
const ENTRIES = {
  "concordance/index.js": "cjs",
  "cbor/lib/cbor.js": "cjs",
  "execa/index.js": "esm",
  "globby/index.js": "esm",
};
// Packages of the older kind ask for Node's modules by require().
const REQUIRE =
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);\n';

for (const [entry, format] of Object.entries(ENTRIES)) {
  const file = fileURLToPath(new URL(`../node_modules/${entry}`, import.meta.url));
  if (readFileSync(file, "utf8").startsWith(MARK)) continue;
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    format,
    platform: "node",
    target: "node20.19",
    minifyWhitespace: true,
    write: false,
    logLevel: "warning",
    banner: { js: format === "esm" ? MARK + REQUIRE : "" },
  });
  const [{ text }] = outputFiles;
  if (format === "esm") {
    replace(file, text);
    continue;
  }
  // Node searches what import names for its exports, which takes longer than to run it. One look further it does not search.
  const joined = `${basename(file, ".js")}-joined.cjs`;
  replace(`${dirname(file)}/${joined}`, text);
  replace(file, `${MARK}const joined = require("./${joined}");\nmodule.exports = joined;\n`);
}

/** Never half a file, and never a file that another tree has too. */
function replace(file, text) {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
