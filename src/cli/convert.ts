// duet convert: another program's configuration as the INI text that says the same.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { problemLine } from "../config/problem-line.ts";
import { convertConfigFile } from "../config/read.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./options.ts";

const USAGE = "Usage: duet convert FILE [-o NEW_FILE]";

/** Problems go to stderr. Exit 0 converted, 1 it would not run, 2 usage or a file that cannot be read or written. */
export async function runConvert(args: readonly string[]): Promise<number> {
  const asked = readArgs(args);
  if (asked === undefined) {
    console.error(`duet convert: Cannot convert this: name one file\n${USAGE}`);
    return EXIT_USAGE;
  }
  const converted = await convertConfigFile(asked.file);
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

function readArgs(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { output: { type: "string", short: "o" } },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    return file === undefined || more.length > 0 ? undefined : { file, output: values.output };
  } catch {
    return undefined;
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
