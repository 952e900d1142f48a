// An operator's script: exit status 0 is a success. Its time is over at the limit, whatever it still does then.

import { runScript, type ScriptResult } from "../../kernel/process.ts";
import { errorText } from "../../lib/errors.ts";
import type { CheckConfigOf } from "../types/index.ts";
import { attempt, type Outcome } from "./attempt.ts";
import type { ProbeOf } from "./probe.ts";

const OUTPUT_BYTES_MAX = 4096;
/** Of keepalived's misc_dynamic. */
const WEIGHT_FROM = 2;

export const probeMisc: ProbeOf<"misc"> = async (target, config, context) => {
  return attempt({ timeoutMs: config.timeoutMs, ...context }, (end) => {
    const over = new AbortController();
    const running = runScript({
      command: config.command,
      extraArguments: config.arguments ?? [],
      timeoutMs: Infinity,
      environment: { DUET_RIP: target.address, DUET_RPORT: String(target.port) },
      outputMaxBytes: OUTPUT_BYTES_MAX,
      identity: config.user,
      security: config.security,
      // At the limit the script is told to end, and killed when it does not; an aborted probe is killed at once.
      endSignal: over.signal,
      signal: context.signal,
      leavesNothing: true,
    });
    running.then(
      (result) => end(judge(config, result)),
      (error: unknown) => end({ ok: false, cause: "internal", detail: errorText(error) }),
    );
    return () => over.abort();
  });
};

function judge({ dynamic }: CheckConfigOf<"misc">, result: ScriptResult): Outcome {
  const said = firstLine(result.output);
  if (result.ok) return { ok: true, detail: said === "" ? "exit status 0" : said };
  const detail = said === "" ? result.detail : `${result.detail}: ${said}`;
  const { exitCode } = result;
  if (dynamic && exitCode !== null && exitCode >= WEIGHT_FROM) {
    return { ok: true, detail, weight: { kind: "set", value: exitCode - WEIGHT_FROM } };
  }
  const isOwnFault = result.cause === "cannot_start" || result.cause === "insecure";
  return { ok: false, cause: isOwnFault ? "internal" : "says_down", detail };
}

function firstLine(output: string): string {
  return output.trimStart().split("\n", 1)[0]?.trimEnd() ?? "";
}
