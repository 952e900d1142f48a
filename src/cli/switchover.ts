// duet switchover: this node hands over what it is MASTER of, and goes on as BACKUP. Nobody knows whether the other node is
// there, and able, before it takes over: so it is tried, with the addresses on until it has.

import { isSwitchoverAnswer, type Switched } from "../control/switchover.ts";
import { runDirOf } from "../lib/run-dir.ts";
import { ask } from "./ask.ts";
import { EXIT_USAGE, parseOptions, RUN_DIR_OPTION } from "./options.ts";

/** Exit 0 handed over, 1 refused or nobody took over, 2 usage, 3 not running. */
export async function runSwitchover(args: readonly string[]): Promise<number> {
  const [first] = args;
  const of = first === undefined || first.startsWith("-") ? undefined : first;
  const options = parseOptions("switchover", of === undefined ? args : args.slice(1), {
    ...RUN_DIR_OPTION,
    all: { type: "boolean" },
    force: { type: "boolean" },
  });
  if (options === undefined) return EXIT_USAGE;
  if (of !== undefined && options.all === true) {
    console.error(`duet switchover: say "${of}" or --all, not both`);
    return EXIT_USAGE;
  }
  const query = new URLSearchParams({
    ...(of !== undefined && { of }),
    ...(options.all && { all: "" }),
    ...(options.force && { force: "" }),
  });
  return ask("switchover", runDirOf(options["run-dir"]), `?${query.toString()}`, (answer) => {
    if (isSwitchoverAnswer(answer)) for (const each of answer.switched) say(each);
  });
}

function say({ instance, to, took_ms }: Switched): void {
  console.log(
    to === null
      ? `${instance}: BACKUP, as it was forced: nobody has taken over`
      : `${instance}: ${to.address} (priority ${to.priority}) took over after ${took_ms} ms; the addresses stayed on until it had announced itself`,
  );
}
