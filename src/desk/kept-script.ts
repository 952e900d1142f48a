// A script that is kept running: the reader of a FIFO. It is started again when it ends, after 1, 2, 4 … 60 s
// while it keeps ending young. keepalived differs: it does not start its reader again.

import { runScript, type ScriptOptions, type ScriptResult } from "../kernel/process.ts";
import { backoffMs, UP_TO_A_MINUTE } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";

export type KeptScript = {
  readonly restarts: () => number;
  /** Waits for its end, tells it to end, kills it: a third of the limit each. */
  readonly stop: (limitMs: number) => Promise<void>;
};

export type KeptScriptOptions = Pick<
  ScriptOptions,
  "command" | "extraArguments" | "identity" | "security"
> & {
  readonly clock: Clock;
  readonly log: Log;
  readonly run?: (options: ScriptOptions) => Promise<ScriptResult>;
};

const OUTPUT_MAX_BYTES = 4096;
const YOUNG_MS = 60_000;

export function keepScript(options: KeptScriptOptions): KeptScript {
  const { command, extraArguments, identity, security, clock, log, run = runScript } = options;
  const ending = new AbortController();
  const killing = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let stopping = false;
  let restarts = 0;
  let youngEnds = 0;
  const again = clock.alarm(() => {
    restarts += 1;
    running = live();
  });

  async function live(): Promise<void> {
    const startedMs = clock.nowMs();
    log.info({ command }, "script started");
    const result = await run({
      command,
      extraArguments,
      identity: identity ?? null,
      security: security ?? true,
      timeoutMs: Infinity,
      environment: {},
      outputMaxBytes: OUTPUT_MAX_BYTES,
      signal: killing.signal,
      endSignal: ending.signal,
    });
    if (stopping) return;
    youngEnds = clock.nowMs() - startedMs < YOUNG_MS ? youngEnds + 1 : 1;
    const delayMs = backoffMs(UP_TO_A_MINUTE, youngEnds);
    const detail = result.ok ? "exit status 0" : result.detail;
    log.warn({ command, detail, delay_ms: delayMs }, "script ended, it is started again");
    again.set(clock.nowMs() + delayMs);
  }

  running = live();
  return {
    restarts: () => restarts,
    async stop(limitMs) {
      stopping = true;
      again.set(Infinity);
      const endMs = clock.nowMs() + limitMs / 3;
      const end = clock.alarm(() => ending.abort());
      const kill = clock.alarm(() => killing.abort());
      end.set(endMs);
      kill.set(endMs + limitMs / 3);
      await running;
      for (const alarm of [end, kill]) alarm.set(Infinity);
    },
  };
}
