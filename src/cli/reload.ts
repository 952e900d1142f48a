// duet reload: the running duet reads its configuration again; a bad one changes nothing. With --confirm what ran before comes
// back unless `duet confirm` follows in time: Junos calls it commit confirmed, for whoever cuts the branch that he sits on.

import { duration } from "../config/schema/plain-types.ts";
import { CONFIRM_MS_MAX, CONFIRM_MS_MIN } from "../control/requests.ts";
import { runDirOf } from "../lib/run-dir.ts";
import { ask } from "./ask.ts";
import { EXIT_USAGE, parseOptions, RUN_DIR_OPTION } from "./options.ts";

const time = duration({ minMs: CONFIRM_MS_MIN, maxMs: CONFIRM_MS_MAX });

/** Exit 0 done, 1 refused with the reasons on stderr, 2 usage, 3 not running. */
export async function runReload(args: readonly string[]): Promise<number> {
  const options = parseOptions("reload", args, { ...RUN_DIR_OPTION, confirm: { type: "string" } });
  if (options === undefined) return EXIT_USAGE;
  const runDir = runDirOf(options["run-dir"]);
  if (options.confirm === undefined) return ask("reload", runDir);
  const judged = time.parse(options.confirm);
  if (!judged.ok) {
    console.error(
      `duet reload: Cannot use --confirm "${options.confirm}": it must be ${judged.mustBe}`,
    );
    return EXIT_USAGE;
  }
  return ask("reload", runDir, `?confirm_ms=${Math.round(judged.value)}`);
}

/** Exit 0 it stays, 1 nothing waits for it, 2 usage, 3 not running. */
export async function runConfirm(args: readonly string[]): Promise<number> {
  const options = parseOptions("confirm", args, RUN_DIR_OPTION);
  if (options === undefined) return EXIT_USAGE;
  return ask("confirm", runDirOf(options["run-dir"]));
}
