// scripts/bundle.mjs : build/src, which tsc wrote, into the few files of build/duet, with the packages that duet imports but
// for koffi, whose binary is a file of its own. A process that loads ten files instead of three hundred starts in two thirds
// of the time. Nothing is renamed or squeezed: a stack trace reads as before.

import { chmodSync, copyFileSync, rmSync } from "node:fs";
import { build } from "esbuild";

const FROM = "build/src";
const TO = "build/duet";

// Chunks have their hash in their names, so those of a build before would stay.
rmSync(TO, { recursive: true, force: true });
await build({
  entryPoints: [`${FROM}/program.js`],
  outdir: TO,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  external: ["koffi"],
  sourcemap: true,
  chunkNames: "[name]-[hash]",
  // Packages of the older kind ask for Node's modules by require().
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
// It judges the version of Node, so it must not begin with what an old one cannot read.
copyFileSync(`${FROM}/main.js`, `${TO}/main.js`);
chmodSync(`${TO}/main.js`, 0o755);
