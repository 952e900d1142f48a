// duet status: how this node is, for people or as JSON.

import { request } from "../control/client.ts";
import type { Status } from "../control/status.ts";
import { wallTime } from "../lib/clock.ts";
import { plainJson } from "../lib/plain-text.ts";
import { runDirOf } from "../lib/run-dir.ts";
import {
  EXIT_FAILED,
  EXIT_OK,
  EXIT_USAGE,
  parseOptions,
  RUN_DIR_OPTION,
  sayNoAnswer,
} from "./options.ts";
import { statusText } from "./status-text.ts";

/** The desk waits 1 s for its roles. */
const TIMEOUT_MS = 5000;

/** Exit 0 healthy, 1 degraded, 2 usage, 3 not running, 4 it may not be asked. */
export async function runStatus(args: readonly string[]): Promise<number> {
  const options = parseOptions("status", args, { ...RUN_DIR_OPTION, json: { type: "boolean" } });
  if (options === undefined) return EXIT_USAGE;
  const runDir = runDirOf(options["run-dir"]);
  const reply = await request({
    runDir,
    method: "GET",
    path: "/v1/status",
    timeoutMs: TIMEOUT_MS,
  });
  if (!reply.ok) return sayNoAnswer("status", runDir, reply);
  if (!isStatus(reply.body)) {
    console.error(`duet status: Cannot use the answer: ${plainJson(JSON.stringify(reply.body))}`);
    return EXIT_FAILED;
  }
  const status = reply.body;
  console.log(
    options.json ? plainJson(JSON.stringify(status, null, 2)) : statusText(status, wallTime()),
  );
  return status.degraded.length > 0 ? EXIT_FAILED : EXIT_OK;
}

/** The lists that the text and the exit code need: the daemon may be of another version. */
function isStatus(body: unknown): body is Status {
  const { vrrp_instances, vrrp_sync_groups, virtual_servers, processes, degraded } = (body ??
    {}) as Readonly<Record<string, unknown>>;
  const lists = [vrrp_instances, vrrp_sync_groups, virtual_servers, processes, degraded];
  return lists.every(Array.isArray);
}
