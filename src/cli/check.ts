// duet check: judges a configuration file without touching the system.

import { parseArgs } from "node:util";
import type { Problem, ReadResult } from "../config/model.ts";
import { printConfig } from "../config/print.ts";
import { problemLine } from "../config/problem-line.ts";
import { readConfigFile } from "../config/read.ts";
import {
  READ_OPTIONS,
  READ_USAGE,
  type ReadOptions,
  readOptionsOf,
} from "../config/read-options.ts";
import { plainJson } from "../lib/plain-text.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./options.ts";

const USAGE = `Usage: duet check FILE ${READ_USAGE} [--json | --print]`;

/** Exit 0 valid, 1 invalid, 2 usage or a file that cannot be read. */
export async function runCheck(args: readonly string[]): Promise<number> {
  const asked = readArgs(args);
  if ("usage" in asked) {
    console.error(`duet check: ${asked.usage}\n${USAGE}`);
    return EXIT_USAGE;
  }
  const result = await readConfigFile(asked.file, asked.how);
  const problems = result.ok ? result.warnings : result.problems;
  if (asked.json) console.log(jsonText(result.ok, problems));
  else if (problems.length > 0) {
    const text = problems.map(problemLine).join("\n");
    if (isUnreadable(result) || asked.print) console.error(text);
    else console.log(text);
  }
  if (result.ok && asked.print) console.log(printConfig(result.config).trimEnd());
  if (result.ok) return EXIT_OK;
  return isUnreadable(result) ? EXIT_USAGE : EXIT_FAILED;
}

type Asked =
  | {
      readonly file: string;
      readonly how: ReadOptions;
      readonly json: boolean;
      readonly print: boolean;
    }
  | { readonly usage: string };

function readArgs(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        ...READ_OPTIONS,
        json: { type: "boolean", default: false },
        print: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined) return { usage: "Cannot check nothing: name a file" };
    if (more.length > 0) return { usage: "Cannot check more than one file" };
    if (values.json && values.print) return { usage: "Cannot use --json and --print together" };
    const how = readOptionsOf(values);
    if (typeof how === "string") return { usage: how };
    return { file, how, json: values.json, print: values.print };
  } catch (error) {
    // Node adds advice of several sentences: the first says it.
    const text = error instanceof Error ? error.message : String(error);
    return { usage: text.replace(/\. .*$/s, "") };
  }
}

function jsonText(valid: boolean, problems: readonly Problem[]): string {
  const told = problems.map(({ file, line, severity, message }) => ({
    file,
    line,
    severity,
    message,
  }));
  return plainJson(JSON.stringify({ valid, problems: told }, null, 2));
}

function isUnreadable(result: ReadResult): boolean {
  return !result.ok && result.unreadable === true;
}
