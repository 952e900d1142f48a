// duet convert: another program's configuration as the INI text that says the same.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { problemLine } from "../config/problem-line.ts";
import { convertConfigFile } from "../config/read.ts";
import {
  READ_OPTIONS,
  READ_USAGE,
  type ReadOptions,
  readOptionsOf,
} from "../config/read-options.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, usageText } from "./options.ts";

const USAGE = `Usage: duet convert FILE ${READ_USAGE} [-o NEW_FILE]`;

/** Problems go to stderr. Exit 0 converted, 1 it would not run, 2 usage or a file that cannot be read or written. */
export async function runConvert(args: readonly string[]): Promise<number> {
  const asked = readArgs(args);
  if (typeof asked === "string") {
    console.error(`duet convert: ${asked}\n${USAGE}`);
    return EXIT_USAGE;
  }
  const converted = await convertConfigFile(asked.file, asked.how);
  if (!converted.ok) {
    console.error(`${asked.file}: ${converted.message}`);
    return EXIT_USAGE;
  }
  const { result, text } = converted;
  for (const problem of result.ok ? result.warnings : result.problems) {
    console.error(problemLine(problem));
  }
  if (asked.output === undefined) process.stdout.write(text);
  else if (!written(asked.output, text)) return EXIT_USAGE;
  return result.ok ? EXIT_OK : EXIT_FAILED;
}

type Asked = {
  readonly file: string;
  readonly how: ReadOptions;
  readonly output: string | undefined;
};

/** A text = why they cannot be used. */
function readArgs(args: readonly string[]): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...READ_OPTIONS, output: { type: "string", short: "o" } },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return "Cannot convert this: name one file";
    const how = readOptionsOf(values);
    return typeof how === "string" ? how : { file, how, output: values.output };
  } catch (error) {
    return usageText(error);
  }
}

/** There are passwords in it; and no file that is there already is written over. */
function written(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    console.error(`duet convert: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
