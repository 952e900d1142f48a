// Running an operator's script: no shell, a process group of its own, a limit on time and on output.
// Only exit status 0 is a success; a script that could not be started is a failure with its reason, and so is
// one that root would run and somebody else could have written. Does not follow children that leave the group.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Abort } from "../lib/abort.ts";
import type { Identity } from "../lib/accounts.ts";
import { nowMs, timeoutClock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import { unsafeComponent } from "../lib/path-safety.ts";
import { DEFAULT_PATH, findProgram } from "../lib/programs.ts";
import { openTurns } from "../lib/turns.ts";
import { splitWords } from "../lib/words.ts";

export type ScriptOptions = {
  /** As the operator wrote it: words with quotes and backslashes. */
  readonly command: string;
  readonly extraArguments: readonly string[];
  /** Infinity = none. */
  readonly timeoutMs: number;
  /** All that the script sees beside PATH. */
  readonly environment: Readonly<Record<string, string>>;
  readonly outputMaxBytes: number;
  /** Of a longer output its end; left out = its beginning. */
  readonly keepsEnd?: boolean;
  /** Who runs it; null or left out = who we are. Other groups of that user are not taken along. */
  readonly identity?: Identity | null;
  /** false = runs as root even what others may write to; left out = it does not. */
  readonly security?: boolean;
  /** What is left of its group when the script itself has ended is killed. */
  readonly leavesNothing?: boolean;
  /** Aborted: the whole group is killed at once. */
  readonly signal?: Abort;
  /** Aborted: the group is told to end, and killed when it does not. */
  readonly endSignal?: Abort;
};

export type ScriptResult =
  | {
      readonly ok: true;
      readonly exitCode: 0;
      /** The beginning (or end) of stdout and stderr, as they came. */
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

export type ScriptFailure =
  | "cannot_start"
  | "insecure"
  | "timeout"
  | "signal"
  | "exit_status"
  | "aborted";

/** From the TERM at the deadline to the KILL; and from the KILL to not waiting any longer. */
export const KILL_DELAY_MS = 2000;
/** How long after the exit a background child may hold our pipes. */
const PIPE_LIMIT_MS = 300;

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** How it ended, before anybody judges it. */
type End =
  | { readonly how: "exited"; readonly exitCode: number }
  | {
      readonly how: Exclude<ScriptFailure, "exit_status">;
      readonly detail: string;
    };

/** A caller that may have many scripts to run takes one turn for each. */
export const startTurns = openTurns(setImmediate);

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
  if (options.signal?.aborted === true || options.endSignal?.aborted === true) {
    return { how: "aborted", detail: "not started" };
  }
  const path = findProgram(program);
  if (path === undefined) return { how: "cannot_start", detail: "ENOENT" };
  const insecure = insecurity(path, options);
  if (insecure !== undefined) return { how: "insecure", detail: insecure };
  const { identity = null } = options;
  let child: Child;
  try {
    child = spawn(path, [...words, ...options.extraArguments], {
      argv0: program,
      cwd: "/",
      detached: true,
      env: { PATH: process.env["PATH"] ?? DEFAULT_PATH, ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
      // Node drops the supplementary groups, ours, when it changes the user: setgroups(0).
      ...(identity === null ? {} : { uid: identity.uid, gid: identity.gid }),
    });
  } catch (error) {
    return { how: "cannot_start", detail: errorText(error) };
  }
  if (child.pid !== undefined) dropOomProtection(child.pid);
  keep(child, options, output);
  return endOf(child, path, options);
}

/** Looked at before every run: what was all right at the start may have been handed to somebody since. */
function insecurity(path: string, { identity, security }: ScriptOptions): string | undefined {
  const uid = identity?.uid ?? process.getuid?.();
  return uid === 0 && security !== false ? unsafeComponent(path) : undefined;
}

async function endOf(child: Child, path: string, options: ScriptOptions): Promise<End> {
  const { timeoutMs, signal, endSignal } = options;
  return new Promise((resolve) => {
    let stopped: End | undefined;
    let exit: End | undefined;

    const term = timeoutClock.alarm(() => {
      terminate({ how: "timeout", detail: `no end in ${timeoutMs} ms` });
    });
    const kill = timeoutClock.alarm(killGroup);
    const giveUp = timeoutClock.alarm(() => {
      finish({ how: "signal", detail: "killed, and still not ended" });
    });

    function terminate(why: End): void {
      stopped ??= why;
      signalGroup(child, "SIGTERM");
      kill.set(nowMs() + KILL_DELAY_MS);
    }

    function end(): void {
      terminate({ how: "aborted", detail: "told to end" });
    }

    function killGroup(): void {
      signalGroup(child, "SIGKILL");
      giveUp.set(nowMs() + KILL_DELAY_MS);
    }

    function abort(): void {
      stopped ??= { how: "aborted", detail: "killed before its end" };
      killGroup();
    }

    function finish(otherwise: End): void {
      for (const alarm of [term, kill, giveUp]) alarm.set(Infinity);
      signal?.removeEventListener("abort", abort);
      endSignal?.removeEventListener("abort", end);
      for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
      child.unref();
      resolve(stopped ?? exit ?? otherwise);
    }

    child.on("error", (error: NodeJS.ErrnoException) => {
      // Later errors are about signals that could not be delivered.
      if (child.pid === undefined) {
        finish({ how: "cannot_start", detail: whyNotRun(path, error.code ?? error.message) });
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
      if (stopped !== undefined || options.leavesNothing === true) signalGroup(child, "SIGKILL");
      giveUp.set(nowMs() + PIPE_LIMIT_MS);
    });
    child.on("close", () => finish({ how: "signal", detail: "no exit status" }));

    term.set(nowMs() + timeoutMs);
    signal?.addEventListener("abort", abort);
    endSignal?.addEventListener("abort", end);
  });
}

/** Keeps the first or last bytes of both pipes and reads the rest away: a full pipe would stop the script. */
function keep(child: Child, options: ScriptOptions, output: Buffer[]): void {
  const { outputMaxBytes, keepsEnd = false } = options;
  let keptBytes = 0;
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.on("data", (bytes: Buffer) => {
      const kept = keepsEnd
        ? bytes.subarray(Math.max(0, bytes.length - outputMaxBytes))
        : bytes.subarray(0, outputMaxBytes - keptBytes);
      if (kept.length > 0) output.push(kept);
      keptBytes += kept.length;
      while (keptBytes > outputMaxBytes) keptBytes -= dropFirst(output, keptBytes - outputMaxBytes);
    });
    pipe.on("error", () => {});
  }
}

/** Drops up to so many bytes of the first piece, and says how many. */
function dropFirst(output: Buffer[], bytes: number): number {
  const first = output.shift() ?? Buffer.alloc(0);
  if (first.length <= bytes) return first.length;
  output.unshift(first.subarray(bytes));
  return bytes;
}

function signalGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // ESRCH: nobody is left.
  }
}

const LINE_BYTES_MAX = 256;

/** Why a script that is there cannot be run. execve(2) says ENOENT, its `code`, of an interpreter too. */
function whyNotRun(path: string, code: string): string {
  if (code !== "ENOENT") return code;
  const interpreter = /^#![ \t]*([^ \t\n]*)/.exec(beginning(path))?.[1];
  if (interpreter === undefined) return code;
  return interpreter.endsWith("\r")
    ? `${path} has CR LF line ends: there is no interpreter ${JSON.stringify(interpreter)}`
    : `there is no interpreter ${interpreter || "after #!"}, which ${path} asks for`;
}

function beginning(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(LINE_BYTES_MAX);
      return bytes.toString("latin1", 0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}

let own: number | undefined;

/**
 * A child inherits the protection of this process from the end by a lack of memory, which only the daemon itself deserves: it is
 * as any other from now on. -1000 is never, 0 as usual: proc(5).
 */
export function dropOomProtection(pid: number, parentScore = (own ??= readOwn())): void {
  if (parentScore >= 0) return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "0");
  } catch {
    // It has ended by now.
  }
}

function readOwn(): number {
  return Number(readFileSync("/proc/self/oom_score_adj", "utf8"));
}
