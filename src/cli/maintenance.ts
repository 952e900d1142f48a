// duet maintenance: the node steps aside and stays aside, for whoever works on it.

import { duration } from "../config/schema/plain-types.ts";
import { request } from "../control/client.ts";
import {
  MAINTENANCE_MS_MAX,
  MAINTENANCE_MS_MIN,
  type Maintenance,
  maintenanceText,
  REASON_LENGTH_MAX,
} from "../control/maintenance.ts";
import { plainText } from "../lib/plain-text.ts";
import { runDirOf } from "../lib/run-dir.ts";
import { ask } from "./ask.ts";
import {
  EXIT_FAILED,
  EXIT_OK,
  EXIT_USAGE,
  parseOptions,
  RUN_DIR_OPTION,
  sayNoAnswer,
} from "./options.ts";

const OPTIONS = {
  ...RUN_DIR_OPTION,
  for: { type: "string" },
  reason: { type: "string" },
  force: { type: "boolean" },
} as const;

const time = duration({ minMs: MAINTENANCE_MS_MIN, maxMs: MAINTENANCE_MS_MAX });
const STATUS_TIMEOUT_MS = 5000;

/** Exit 0 done, or it is on; 1 refused, or it is off; 2 usage, 3 not running. */
export async function runMaintenance(args: readonly string[]): Promise<number> {
  const [first] = args;
  const word = first === undefined || first.startsWith("-") ? undefined : first;
  if (word !== undefined && word !== "on" && word !== "off") {
    return usage(`Cannot use "${word}": it must be on or off`);
  }
  const options = parseOptions("maintenance", word === undefined ? args : args.slice(1), OPTIONS);
  if (options === undefined) return EXIT_USAGE;
  const runDir = runDirOf(options["run-dir"]);
  const { for: written, reason, force } = options;
  if (word !== "on") {
    const surplus = [written, reason, force].some((each) => each !== undefined);
    if (surplus) return usage("--for, --reason and --force belong to maintenance on");
    return word === "off" ? ask("maintenance", runDir, "?off=") : tell(runDir);
  }
  const judged = written === undefined ? undefined : time.parse(written);
  if (judged?.ok === false)
    return usage(`Cannot use --for "${written}": it must be ${judged.mustBe}`);
  if (reason !== undefined && reason.length > REASON_LENGTH_MAX) {
    return usage(`Cannot use --reason: it must have at most ${REASON_LENGTH_MAX} characters`);
  }
  const query = new URLSearchParams({
    ...(judged?.ok && { for_ms: String(Math.round(judged.value)) }),
    ...(reason !== undefined && { reason }),
    ...(force && { force: "" }),
  });
  return ask("maintenance", runDir, `?${query.toString()}`);
}

async function tell(runDir: string): Promise<number> {
  const reply = await request({
    runDir,
    method: "GET",
    path: "/v1/status",
    timeoutMs: STATUS_TIMEOUT_MS,
  });
  if (!reply.ok) return sayNoAnswer("maintenance", runDir, reply);
  const { maintenance = null } = reply.body as { readonly maintenance?: Maintenance | null };
  console.log(
    maintenance === null ? "not in maintenance" : plainText(maintenanceText(maintenance)),
  );
  return maintenance === null ? EXIT_FAILED : EXIT_OK;
}

function usage(text: string): number {
  console.error(`duet maintenance: ${text} (see duet help)`);
  return EXIT_USAGE;
}
