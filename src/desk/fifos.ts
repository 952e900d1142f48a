// The hands of the notify FIFOs: each a pipe, what waits for it, and the script that reads it when there is one.

import type { FifoStatus } from "../control/status.ts";
import { type Fifo, openFifo } from "../kernel/fifo.ts";
import type { ScriptOptions, ScriptResult } from "../kernel/process.ts";
import type { Identity } from "../lib/accounts.ts";
import type { Clock } from "../lib/clock.ts";
import { type Drive, drive } from "../lib/drive.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { EventLine } from "./event-lines.ts";
import {
  type Action,
  type Config,
  deadlineMs,
  type Input,
  initialState,
  type State,
  step,
} from "./fifo-queue.ts";
import { type KeptScript, keepScript } from "./kept-script.ts";

export type FifoConfig = {
  readonly about: "all" | EventLine["about"];
  readonly path: string;
  readonly owner: Identity | null;
  /** Gets the path as its last argument. */
  readonly script: string | null;
  readonly scriptUser: Identity | null;
  readonly scriptSecurity: boolean;
};

export type Fifos = {
  /** What is configured as before keeps its pipe and its script. */
  readonly configure: (wanted: readonly FifoConfig[]) => void;
  readonly tell: (line: EventLine) => void;
  readonly status: () => readonly FifoStatus[];
  readonly close: (limitMs: number) => Promise<void>;
};

/** The pipe itself holds 64 KiB before anything has to wait here. */
const LINES_MAX = 1000;
/** For a script whose FIFO is not configured any more. */
const REPLACED_LIMIT_MS = 3000;

type Open = {
  readonly config: FifoConfig;
  readonly give: (line: string) => void;
  readonly status: () => FifoStatus;
  readonly close: (limitMs: number) => Promise<void>;
};

type Parts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly run?: (options: ScriptOptions) => Promise<ScriptResult>;
};

export function openFifos(parts: Parts): Fifos {
  let open: readonly Open[] = [];
  return {
    configure(wanted) {
      const texts = new Set(wanted.map((config) => JSON.stringify(config)));
      const kept = open.filter(({ config }) => texts.has(JSON.stringify(config)));
      // First closed, then opened: the path may be the same.
      for (const one of open) if (!kept.includes(one)) void one.close(REPLACED_LIMIT_MS);
      const known = new Map(kept.map((one) => [JSON.stringify(one.config), one]));
      open = wanted.map((config) => known.get(JSON.stringify(config)) ?? openOne(config, parts));
    },
    tell({ about, line }) {
      for (const { config, give } of open) {
        if (config.about === "all" || config.about === about) give(line);
      }
    },
    status: () => open.map((one) => one.status()),
    async close(limitMs) {
      await Promise.all(open.map(async (one) => one.close(limitMs)));
      open = [];
    },
  };
}

function openOne(config: FifoConfig, parts: Parts): Open {
  const { path } = config;
  const log = parts.log.child({ fifo: path });
  let error: string | null = null;
  /** Lines that there was no pipe for. */
  let missed = 0;
  let fifo: Fifo | undefined;
  try {
    fifo = openFifo(path, config.owner);
  } catch (cause) {
    error = errorText(cause);
    log.error({ error }, "FIFO not opened: its lines are lost");
  }
  const queue = openQueue(fifo, { ...parts, log }, (text) => {
    if (error === null) log.error({ error: text }, "FIFO not written: its lines are lost");
    error = text;
  });
  const script = fifo === undefined ? undefined : startScript(config, { ...parts, log });
  return {
    config,
    give(line) {
      if (fifo === undefined) missed += 1;
      else queue.give({ type: "line", nowMs: parts.clock.nowMs(), line });
    },
    status() {
      const { written, lost, lines } = queue.state();
      const counts = { written, waiting: lines.length, lost: lost + missed };
      return { path, ...counts, error, script_restarts: script?.restarts() ?? 0 };
    },
    async close(limitMs) {
      const { lines } = queue.state();
      if (lines.length > 0) log.warn({ lines: lines.length }, "FIFO lines lost at the end");
      queue.stop();
      // A reader of lines then comes to the end of the file, after the last of them.
      fifo?.remove();
      fifo?.close();
      fifo = undefined;
      await script?.stop(limitMs);
    },
  };
}

function openQueue(
  fifo: Fifo | undefined,
  { clock, log }: Parts,
  onError: (text: string) => void,
): Drive<Config, State, Input> {
  function write(line: string): Input {
    const nowMs = clock.nowMs();
    try {
      return { type: fifo === undefined ? "full" : fifo.write(line), nowMs };
    } catch (error) {
      onError(errorText(error));
      return { type: "full", nowMs };
    }
  }

  return drive<Config, State, Input, Action>({
    engine: { step, deadlineMs },
    config: { linesMax: LINES_MAX },
    state: initialState,
    clock,
    timerInput: (nowMs) => ({ type: "timer", nowMs }),
    perform(action) {
      switch (action.type) {
        case "write":
          return write(action.line);
        case "losing":
          log.error({ lines_max: LINES_MAX }, "FIFO is full and nobody reads it: lines are lost");
          return undefined;
        case "caught-up":
          log.warn({ lost: action.lost }, "FIFO is read again, lines were lost");
          return undefined;
        default:
          return unreachable(action);
      }
    },
  });
}

function startScript(config: FifoConfig, parts: Parts): KeptScript | undefined {
  const { script: command, path, scriptUser: identity, scriptSecurity: security } = config;
  if (command === null) return undefined;
  return keepScript({ ...parts, command, extraArguments: [path], identity, security });
}
