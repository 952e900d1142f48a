// The entry of `--role once`: runs one script for the guardian, answers how it ended, exits. The script does not
// outlive the guardian.

import { runScript } from "../../kernel/process.ts";
import type { OnceRequest } from "./once-in-child.ts";

const OUTPUT_MAX_BYTES = 4096;

export function runOnceRole(): void {
  const ending = new AbortController();
  // A terminal's Ctrl-C reaches the whole group; only the guardian decides.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  process.once("disconnect", () => ending.abort());
  process.once("message", (request: OnceRequest) => void run(request, ending.signal));
}

async function run(request: OnceRequest, endSignal: AbortSignal): Promise<void> {
  const result = await runScript({
    ...request,
    extraArguments: [],
    environment: {},
    outputMaxBytes: OUTPUT_MAX_BYTES,
    endSignal,
  });
  if (process.connected) process.send?.(result, undefined, undefined, () => process.disconnect());
}
