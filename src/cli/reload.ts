// duet reload: the running duet reads its configuration again. A bad one changes nothing.

import { ask } from "./ask.ts";
import { EXIT_USAGE, parseOptions, RUN_DIR_OPTION, runDirOf } from "./options.ts";

/** Exit 0 done, 1 refused with the reasons on stderr, 2 usage, 3 not running. */
export async function runReload(args: readonly string[]): Promise<number> {
  const options = parseOptions("reload", args, RUN_DIR_OPTION);
  if (options === undefined) return EXIT_USAGE;
  return ask("reload", runDirOf(options["run-dir"]));
}
