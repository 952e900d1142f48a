// Which room of src/ may import which. This table is the map of the house: change it in the same
// commit that needs a new door, and say why there.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import test from "ava";

type Door = { readonly imports: readonly string[]; readonly typesOnly?: readonly string[] };

const floor1 = ["lib"];
const doors: Record<string, Door> = {
  lib: { imports: [] },
  wire: { imports: ["lib"] },
  kernel: { imports: ["lib", "wire"] },
  // wire: what is received is judged from its bytes on.
  vrrp: { imports: [...floor1, "wire"] },
  vip: { imports: [...floor1, "wire", "kernel"] },
  ipvs: { imports: [...floor1, "kernel"] },
  // ipvs and check: what the checks find becomes the table. config and control: what is configured, and what is told.
  director: { imports: [...floor1, "kernel", "ipvs", "check"], typesOnly: ["config", "control"] },
  realserver: { imports: [...floor1, "kernel"] },
  // config/schema: the words in which a type of check declares its keys, beside what it does.
  check: { imports: [...floor1, "kernel", "config/schema"] },
  track: { imports: [...floor1, "kernel"], typesOnly: ["wire"] },
  // check/types: what each type of check declares. ipvs/ipvsadm: its lines are a configuration too, and have one parser.
  // vrrp/priority, track/model: what weights come to is counted in one place.
  config: {
    imports: [
      "lib",
      "check/types",
      "ipvs/ipvsadm",
      "ipvs/model.ts",
      "track/model.ts",
      "vrrp/model.ts",
      "vrrp/priority.ts",
    ],
    // control: the phases in which mail is sent. desk: which hooks there are.
    typesOnly: ["vrrp", "vip", "ipvs", "check", "track", "control", "desk"],
  },
  // vrrp: the table of causes says what each cause of its types means.
  control: { imports: ["lib"], typesOnly: ["vrrp"] },
  desk: { imports: ["lib", "kernel"], typesOnly: ["control"] },
  // ipvs: `duet ipvs` drives the kernel's table by hand, with or without a daemon. realserver: `duet realserver` has none.
  cli: { imports: ["lib", "config", "control", "kernel", "ipvs", "realserver"] },
  daemon: {
    imports: [
      "lib",
      "wire",
      "kernel",
      "vrrp",
      "vip",
      "ipvs",
      "check",
      "director",
      "track",
      "config",
      "control",
      "desk",
    ],
  },
  "main.ts": { imports: ["program.ts"] },
  "program.ts": { imports: ["lib", "daemon", "cli"] },
};

/** The two processes that must never die of somebody else's bug: what they may load from npm. */
const bareRoles = ["src/daemon/guardian/guardian.ts", "src/daemon/vrrp/vrrp.ts"];
const barePackages = new Set(["koffi", "pino"]);

const importLine = /^(import|export)( type)?[^"';]*?from\s*["']([^"']+)["']/gm;
const dynamicImport = /\bimport\(\s*["']([^"']+)["']\s*\)/g;

for (const file of sourceFiles("src")) {
  test(`${file} stays within the doors of its room`, (t) => {
    const room = roomOf(file);
    const door = doors[room];
    t.truthy(door, `room "${room}" is not on the map`);
    for (const { target, typeOnly } of relativeImports(file)) {
      const to = roomOf(target);
      const open =
        to === room ||
        door?.imports.some((place) => `${target}/`.startsWith(`src/${place}/`)) ||
        (typeOnly && door?.typesOnly?.includes(to));
      t.true(open, `${file} may not import ${target}`);
    }
  });
}

test("types of checks have no hands, and know of config/ its words alone", (t) => {
  for (const file of closure("src/check/types/index.ts")) {
    t.regex(file, /^src\/(check|lib|config\/schema)\//);
  }
});

for (const role of bareRoles) {
  test(`${role} loads nothing but ${[...barePackages].join(" and ")}`, (t) => {
    for (const file of closure(role)) {
      for (const { target } of imports(file)) {
        if (target.startsWith(".") || target.startsWith("node:")) continue;
        t.true(barePackages.has(target), `${role} loads "${target}" by ${file}`);
      }
    }
  });
}

/** The wings of the daemon's room: no process knows another's insides, all share what a process is. */
const wings = ["guardian", "vrrp", "director", "desk", "process"];

for (const file of sourceFiles("src/daemon")) {
  test(`${file} stays in its wing`, (t) => {
    const wing = wingOf(file);
    // `duet release` does the last work of every wing when none of them lives any more.
    // `duet plan` says what every wing would do.
    if (wing === "release.ts" || wing === "plan") {
      t.pass();
      return;
    }
    t.true(wings.includes(wing), `"${wing}" is no wing`);
    for (const { target } of relativeImports(file)) {
      if (roomOf(target) !== "daemon") continue;
      t.true([wing, "process"].includes(wingOf(target)), `${file} may not import ${target}`);
    }
  });
}

type Import = { readonly target: string; readonly typeOnly: boolean };

function imports(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const fixed = [...text.matchAll(importLine)].map((match) => ({
    target: match[3] ?? "",
    typeOnly: match[2] !== undefined,
  }));
  const dynamic = [...text.matchAll(dynamicImport)].map((match) => ({
    target: match[1] ?? "",
    typeOnly: false,
  }));
  return [...fixed, ...dynamic];
}

function relativeImports(file: string): Import[] {
  return imports(file)
    .filter(({ target }) => target.startsWith("."))
    .map(({ target, typeOnly }) => ({
      target: relative(".", resolve(dirname(file), target)),
      typeOnly,
    }));
}

function closure(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { target, typeOnly } of relativeImports(file)) if (!typeOnly) closure(target, seen);
  return seen;
}

function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function wingOf(path: string): string {
  return path.split("/")[2] ?? "";
}

function sourceFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}
