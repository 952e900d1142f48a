// Running an operator's script: no shell, a process group of its own, a limit on time and on output.
// Only exit status 0 is a success; a script that could not be started is a failure with its reason.
// Does not change the user, and does not follow children that leave the process group.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { nowMs, timeoutClock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import { splitWords } from "../lib/words.ts";

export type ScriptOptions = {
  /** As the operator wrote it: words with quotes and backslashes. */
  readonly command: string;
  readonly extraArguments: readonly string[];
  readonly timeoutMs: number;
  /** All that the script sees beside PATH. */
  readonly environment: Readonly<Record<string, string>>;
  readonly outputMaxBytes: number;
  /** Aborted: the whole group is killed at once. */
  readonly signal?: AbortSignal;
};

export type ScriptResult =
  | {
      readonly ok: true;
      readonly exitCode: 0;
      /** The beginning of stdout and stderr, as they came. */
      readonly output: string;
      readonly tookMs: number;
    }
  | {
      readonly ok: false;
      readonly cause: ScriptFailure;
      /** "exit status 3", "ENOENT", "no end in 1000 ms" */
      readonly detail: string;
      /** null = it did not end by itself. */
      readonly exitCode: number | null;
      readonly output: string;
      readonly tookMs: number;
    };

export type ScriptFailure = "cannot_start" | "timeout" | "signal" | "exit_status" | "aborted";

/** From the TERM at the deadline to the KILL; and from the KILL to not waiting any longer. */
export const KILL_DELAY_MS = 2000;
/** How long after the exit a background child may hold our pipes. */
const PIPE_LIMIT_MS = 300;

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** How it ended, before anybody judges it. */
type End =
  | { readonly how: "exited"; readonly exitCode: number }
  | {
      readonly how: Exclude<ScriptFailure, "exit_status">;
      readonly detail: string;
    };

/** Never rejects. */
export async function runScript(options: ScriptOptions): Promise<ScriptResult> {
  const startedMs = nowMs();
  const output: Buffer[] = [];
  const end = await run(options, output);
  const told = {
    output: Buffer.concat(output).toString("utf8"),
    tookMs: Math.round((nowMs() - startedMs) * 10) / 10,
  };
  if (end.how !== "exited") {
    return { ok: false, cause: end.how, detail: end.detail, exitCode: null, ...told };
  }
  const { exitCode } = end;
  if (exitCode === 0) return { ok: true, exitCode, ...told };
  const detail = `exit status ${exitCode}`;
  return { ok: false, cause: "exit_status", detail, exitCode, ...told };
}

async function run(options: ScriptOptions, output: Buffer[]): Promise<End> {
  const split = splitWords(options.command);
  if (!split.ok) return { how: "cannot_start", detail: split.reason };
  const [program = "", ...words] = split.words;
  if (program === "") return { how: "cannot_start", detail: "the command is empty" };
  if (options.signal?.aborted === true) return { how: "aborted", detail: "not started" };
  let child: Child;
  try {
    child = spawn(program, [...words, ...options.extraArguments], {
      cwd: "/",
      detached: true,
      env: { PATH: process.env["PATH"] ?? DEFAULT_PATH, ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    return { how: "cannot_start", detail: errorText(error) };
  }
  keepBeginning(child, options.outputMaxBytes, output);
  return endOf(child, options);
}

async function endOf(child: Child, options: ScriptOptions): Promise<End> {
  const { timeoutMs, signal } = options;
  return new Promise((resolve) => {
    let stopped: End | undefined;
    let exit: End | undefined;

    const term = timeoutClock.alarm(() => {
      stopped ??= { how: "timeout", detail: `no end in ${timeoutMs} ms` };
      signalGroup(child, "SIGTERM");
      kill.set(nowMs() + KILL_DELAY_MS);
    });
    const kill = timeoutClock.alarm(killGroup);
    const giveUp = timeoutClock.alarm(() => {
      finish({ how: "signal", detail: "killed, and still not ended" });
    });

    function killGroup(): void {
      signalGroup(child, "SIGKILL");
      giveUp.set(nowMs() + KILL_DELAY_MS);
    }

    function abort(): void {
      stopped ??= { how: "aborted", detail: "killed before its end" };
      killGroup();
    }

    function finish(end: End): void {
      for (const alarm of [term, kill, giveUp]) alarm.set(Infinity);
      signal?.removeEventListener("abort", abort);
      for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
      child.unref();
      resolve(stopped ?? exit ?? end);
    }

    child.on("error", (error: NodeJS.ErrnoException) => {
      // Later errors are about signals that could not be delivered.
      if (child.pid === undefined) {
        finish({ how: "cannot_start", detail: error.code ?? error.message });
      }
    });
    child.on("exit", (exitCode, exitSignal) => {
      exit =
        exitCode === null
          ? { how: "signal", detail: `killed by ${exitSignal}` }
          : { how: "exited", exitCode };
      term.set(Infinity);
      kill.set(Infinity);
      // The leader obeyed the TERM; what it leaves behind gets no second chance.
      if (stopped !== undefined) signalGroup(child, "SIGKILL");
      giveUp.set(nowMs() + PIPE_LIMIT_MS);
    });
    child.on("close", () => finish({ how: "signal", detail: "no exit status" }));

    term.set(nowMs() + timeoutMs);
    signal?.addEventListener("abort", abort);
  });
}

/** Keeps the first bytes of both pipes and reads the rest away: a full pipe would stop the script. */
function keepBeginning(child: Child, maxBytes: number, output: Buffer[]): void {
  let roomBytes = maxBytes;
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.on("data", (bytes: Buffer) => {
      if (roomBytes > 0) output.push(bytes.subarray(0, roomBytes));
      roomBytes = Math.max(0, roomBytes - bytes.length);
    });
    pipe.on("error", () => {});
  }
}

function signalGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // ESRCH: nobody is left.
  }
}
