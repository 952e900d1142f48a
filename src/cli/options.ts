// What the commands that talk to a running duet have in common: options, exit codes, and the words of a failure.

import { type ParseArgsConfig, parseArgs } from "node:util";
import type { ControlReply } from "../control/client.ts";
import { controlSocketPath } from "../control/requests.ts";
import { plainText } from "../lib/plain-text.ts";

export const EXIT_OK = 0;
/** Degraded, or refused. */
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_NOT_RUNNING = 3;
/** Nobody can tell: duet may not be asked. */
export const EXIT_FORBIDDEN = 4;

export const RUN_DIR_OPTION = { "run-dir": { type: "string" } } as const;

type Parsed<Options extends ParseArgsConfig["options"]> = ReturnType<
  typeof parseArgs<{ options: Options; strict: true }>
>["values"];

/** The values of the options; undefined when the line cannot be used, and then it was said on stderr. */
export function parseOptions<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  command: string,
  args: readonly string[],
  options: Options,
): Parsed<Options> | undefined {
  try {
    return parseArgs({ args: [...args], options, strict: true }).values as Parsed<Options>;
  } catch (error) {
    console.error(`duet ${command}: ${usageText(error)} (see duet help)`);
    return undefined;
  }
}

/** Says why there is no answer, and gives the exit code for it. */
export function sayNoAnswer(
  command: string,
  runDir: string,
  reply: ControlReply & { readonly ok: false },
): number {
  const socket = controlSocketPath(runDir);
  if (reply.reason === "not_running") {
    console.error(`duet ${command}: duet is not running: nobody listens on ${socket}`);
    return EXIT_NOT_RUNNING;
  }
  if (reply.reason === "forbidden") {
    console.error(`duet ${command}: Cannot use ${socket}: permission denied, run it as root`);
    return EXIT_FORBIDDEN;
  }
  const texts = {
    timeout: `Cannot get an answer on ${socket}: ${reply.detail}`,
    bad_answer: `Cannot understand the answer on ${socket}: ${reply.detail}`,
  };
  console.error(`duet ${command}: ${plainText(texts[reply.reason])}`);
  return EXIT_FAILED;
}

/** Node ends some of these with advice of several sentences: the first says it. */
export function usageText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\. To specify.*/s, "").replace(/\s*\n\s*/g, " ");
}
