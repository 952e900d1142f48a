// `duet realserver` in this process, and so in its network: a start of Node for each of many calls takes too long.

import { runRealServer } from "../../src/cli/realserver.ts";

export type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** What the command would have printed, and its exit status. */
export function realServerHere(words: readonly string[]): Ran {
  const before = { ...globalThis.console };
  const said = { stdout: "", stderr: "" };
  Object.assign(globalThis.console, {
    log(text: string) {
      said.stdout += `${text}\n`;
    },
    error(text: string) {
      said.stderr += `${text}\n`;
    },
  });
  try {
    return { status: runRealServer(words), ...said };
  } finally {
    Object.assign(globalThis.console, before);
  }
}
