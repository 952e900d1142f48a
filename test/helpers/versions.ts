// What a test ran against, as a line below its name.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { ExecutionContext } from "ava";

/** A package of Debian. */
export function logPackage(t: ExecutionContext, name: string): void {
  t.log(execFileSync("dpkg-query", ["-Wf", "${Package} ${Version}", name]).toString());
}

/** A package of node_modules. */
export function logModule(t: ExecutionContext, name: string): void {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as {
    readonly version: string;
  };
  t.log(`${name} ${version}`);
}
