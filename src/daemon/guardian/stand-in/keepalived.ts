// `duet keepalived`: keepalived's command line, and its file, signals and pid files, with duet behind them.

import { existsSync, writeFileSync } from "node:fs";
import type { Problem, ReadResult } from "../../../config/model.ts";
import { printConfig } from "../../../config/print.ts";
import { problemLine } from "../../../config/problem-line.ts";
import { readConfigFile } from "../../../config/read.ts";
import type { ReadOptions } from "../../../config/read-options.ts";
import { runDirOf } from "../../../lib/run-dir.ts";
import { unreachable } from "../../../lib/unreachable.ts";
import { readVersion } from "../../../lib/version.ts";
import { startGuardian } from "../run.ts";
import type { Wish } from "../wishes.ts";
import { startInBackground } from "./background.ts";
import {
  type KeepalivedOptions,
  keepalivedHelp,
  readKeepalivedOptions,
} from "./keepalived-options.ts";

/** keepalived's own, of its enum exit_code. */
const NO_CONFIG = 6;
/** Of --config-test. */
const TEST = { good: 0, cannotRun: 4, wrong: 5, insecure: 6 } as const;

export async function runKeepalived(
  args: readonly string[],
  program: string,
  early: readonly Wish[],
): Promise<number> {
  const asked = readKeepalivedOptions(args);
  switch (asked.kind) {
    case "refused":
      say(`${asked.reason}\n(see duet keepalived --help)`);
      return 1;
    case "help":
      process.stderr.write(keepalivedHelp());
      return 0;
    case "version":
      process.stderr.write(versionText());
      return 0;
    case "signal":
      process.stdout.write(`${asked.number}\n`);
      return 0;
    case "test":
      return test(asked.options);
    case "run":
      return run(asked.options, { args, program, early });
    default:
      return unreachable(asked);
  }
}

async function run(
  options: KeepalivedOptions,
  how: {
    readonly args: readonly string[];
    readonly program: string;
    readonly early: readonly Wish[];
  },
): Promise<number> {
  const { file, pidFiles, half, notes } = options;
  const { args, program, early } = how;
  if (!existsSync(file)) {
    say(`Cannot run ${file}: it does not exist`);
    return NO_CONFIG;
  }
  if (options.umask !== null) process.umask(options.umask);
  if (!options.inForeground) {
    return startInBackground({
      args: [program, "keepalived", "--dont-fork", ...args],
      pidFile: pidFiles.guardian,
      syslog: options.logsToStderr
        ? null
        : { tag: "keepalived", priority: `${options.syslogFacility}.info` },
    });
  }
  const dump = "-d (--dump-conf) has no effect here: see duet check --print";
  return startGuardian({
    file,
    how: readOptionsOf(options),
    runDir: runDirOf(),
    logLevel: options.hasDetails ? "debug" : "info",
    program,
    early,
    standIn: {
      program: "keepalived",
      half,
      pidFiles: pidFilesOf(options),
      dumpFolder: process.env["TMPDIR"] ?? "/tmp",
      notes: options.printsConfig ? [...notes, `${dump} ${file}`] : notes,
    },
  });
}

/** A half that does not run has no process to name. */
function pidFilesOf({ pidFiles, half }: KeepalivedOptions): Partial<KeepalivedOptions["pidFiles"]> {
  const { guardian, vrrp, director } = pidFiles;
  if (half === "vrrp") return { guardian, vrrp };
  return half === "checkers" ? { guardian, director } : pidFiles;
}

/** A file given to keepalived is keepalived's, whatever it looks like. */
function readOptionsOf({ configId }: KeepalivedOptions): ReadOptions {
  return { format: "keepalived", configId: configId ?? undefined };
}

async function test(options: KeepalivedOptions): Promise<number> {
  const { file, testLog, printsConfig, notes } = options;
  const read = await readConfigFile(file, readOptionsOf(options));
  const problems = read.ok ? read.warnings : read.problems;
  const lines = [...notes, ...problems.map(problemLine)];
  if (read.ok && printsConfig) lines.push(printConfig(read.config).trimEnd());
  const text = lines.map((line) => `${line}\n`).join("");
  if (testLog === null) process.stderr.write(text);
  else writeFileSync(testLog, text, { mode: 0o600 });
  return testStatus(read, problems);
}

/** What keepalived reports of its file, and goes on without. */
const REPORTED =
  / was never in force: |^Cannot run | has no \[real_server\.| is never closed: |^(Unexpected "\{"|Extra "\}"|Unterminated quote)/;

function testStatus(read: ReadResult, problems: readonly Problem[]): number {
  if (!read.ok && read.unreadable === true) return TEST.cannotRun;
  const said = (pattern: RegExp): boolean => problems.some(({ message }) => pattern.test(message));
  if (!read.ok || said(REPORTED)) return TEST.wrong;
  return said(/^Cannot trust /) ? TEST.insecure : TEST.good;
}

function say(text: string): void {
  process.stderr.write(`duet keepalived: ${text}\n`);
}

/** In the form of keepalived's own, for exporters take its version and that it knows JSON from there. */
function versionText(): string {
  return [
    "Keepalived v2.2.7 (its command line, by duet)",
    "",
    `duet ${readVersion()}`,
    "",
    "configure options: --enable-json",
    "",
    "",
  ].join("\n");
}
