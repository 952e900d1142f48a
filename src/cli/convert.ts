// duet convert: another program's configuration as the INI text that says the same.

import { problemLine } from "../config/problem-line.ts";
import { convertConfigFile } from "../config/read.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./options.ts";

const USAGE = "Usage: duet convert FILE";

/** The text goes to stdout, problems to stderr. Exit 0 converted, 1 it would not run, 2 usage or a file that cannot be read. */
export async function runConvert(args: readonly string[]): Promise<number> {
  const [file, ...more] = args;
  if (file === undefined || more.length > 0 || file.startsWith("-")) {
    console.error(`duet convert: Cannot convert this: name one file\n${USAGE}`);
    return EXIT_USAGE;
  }
  const converted = await convertConfigFile(file);
  if (!converted.ok) {
    console.error(`${file}: ${converted.message}`);
    return EXIT_USAGE;
  }
  const { result, text } = converted;
  for (const problem of result.ok ? result.warnings : result.problems) {
    console.error(problemLine(problem));
  }
  process.stdout.write(text);
  return result.ok ? EXIT_OK : EXIT_FAILED;
}
