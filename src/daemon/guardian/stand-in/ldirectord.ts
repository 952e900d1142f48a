// `duet ldirectord [CONFIG] start|stop|status|reload|...`: ldirectord's command line, file and pid file, with duet behind them.

import { existsSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { problemLine } from "../../../config/problem-line.ts";
import { readConfigFile } from "../../../config/read.ts";
import type { ReadOptions } from "../../../config/read-options.ts";
import { delayMs, nowMs } from "../../../lib/clock.ts";
import { getopt } from "../../../lib/getopt.ts";
import { runDirOf } from "../../../lib/run-dir.ts";
import { unreachable } from "../../../lib/unreachable.ts";
import { readVersion } from "../../../lib/version.ts";
import { startGuardian } from "../run.ts";
import type { Wish } from "../wishes.ts";
import { startInBackground } from "./background.ts";

const COMMANDS = [
  "start",
  "stop",
  "restart",
  "try-restart",
  "reload",
  "force-reload",
  "status",
] as const;
type Command = (typeof COMMANDS)[number];

type How = { readonly program: string; readonly early: readonly Wish[] };

type Place = {
  readonly file: string;
  readonly pidFile: string;
  /** As they were written. */
  readonly words: readonly string[];
  readonly inForeground: boolean;
  readonly hasDetails: boolean;
};

const OPTIONS = [
  { long: "debug", short: "d" },
  { long: "foreground" },
  { long: "help", short: "h" },
  { long: "version", short: "v" },
] as const;

const USAGE = `Usage: duet ldirectord [-d] [CONFIG] ${COMMANDS.join("|")}
ldirectord's command line, with duet behind it. Named ldirectord (a link to duet), duet is started so.

  CONFIG        a file, or its name in /etc/ha.d or /etc/ha.d/conf (default ldirectord.cf)
  --foreground  start stays in the foreground, for Type=notify and containers
  -d, --debug   likewise, with a more detailed log
  -v, --version, -h, --help

start, stop and try-restart end with 0 when there is nothing to do, reload with 1. status: 0 it runs, 3 it does not,
1 it does not, and left its pid file.
`;

/** ldirectord's own, of a wrong command line. */
const EXIT_USAGE = 255;
const EXIT_FILE = 2;
const STOP_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 50;

export async function runLdirectord(args: readonly string[], how: How): Promise<number> {
  const found = getopt(args, OPTIONS);
  const words = found.flatMap((each) => (each.kind === "word" ? [each.word] : []));
  const options = new Set(
    found.flatMap((each) => (each.kind === "option" ? [each.spec.long] : [])),
  );
  if (options.has("help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (options.has("version")) {
    process.stdout.write(`Linux Director (its command line, by duet ${readVersion()})\n`);
    return 0;
  }
  const [first, second = first] = words;
  const command = COMMANDS.find((each) => each === second);
  const isUnknown = found.some(({ kind }) => kind === "unknown" || kind === "missing");
  if (command === undefined || words.length > 2 || isUnknown) {
    process.stderr.write(USAGE);
    return EXIT_USAGE;
  }
  const name = words.length === 2 ? (first ?? "") : "ldirectord.cf";
  const file = [`/etc/ha.d/${name}`, `/etc/ha.d/conf/${name}`, name].find(isFile);
  if (file === undefined) {
    process.stderr.write(`Config file ${name} not found\n`);
    return 1;
  }
  const label = words.length === 2 ? basename(name) : "ldirectord";
  return carryOut(
    command,
    {
      file,
      pidFile: `/var/run/ldirectord.${label}.pid`,
      words,
      inForeground: options.has("debug") || options.has("foreground"),
      hasDetails: options.has("debug"),
    },
    how,
  );
}

/** A file that is wrong lets every command of ldirectord end, a stop too; here a stop stops. */
async function carryOut(command: Command, place: Place, how: How): Promise<number> {
  const pid = runningPid(place);
  switch (command) {
    case "start":
      return pid === undefined ? start(place, how) : 0;
    case "stop":
      return pid === undefined ? 0 : stop(pid, place);
    case "restart":
    case "try-restart": {
      if (pid === undefined) return command === "restart" ? start(place, how) : 0;
      return (await stop(pid, place)) || start(place, how);
    }
    case "reload":
    case "force-reload":
      if (pid === undefined) return 1;
      process.kill(pid, "SIGHUP");
      return 0;
    case "status":
      return status(pid, place);
    default:
      return unreachable(command);
  }
}

function status(pid: number | undefined, { file, pidFile }: Place): number {
  if (pid !== undefined) {
    process.stderr.write(`ldirectord for ${file} is running with pid: ${pid}\n`);
    return 0;
  }
  const isStale = existsSync(pidFile);
  if (isStale) process.stderr.write(`ldirectord stale pid file ${pidFile} for ${file}\n`);
  process.stdout.write(`ldirectord is stopped for ${file}\n`);
  return isStale ? 1 : 3;
}

/** Waits for the end, so that a start behind it finds nothing in its way. */
async function stop(pid: number, place: Place): Promise<number> {
  process.kill(pid, "SIGTERM");
  const untilMs = nowMs() + STOP_LIMIT_MS;
  while (runningPid(place) === pid) {
    if (nowMs() > untilMs) return 1;
    await delayMs(LOOK_EVERY_MS);
  }
  return 0;
}

const READ: ReadOptions = { format: "ldirectord" };

async function start(place: Place, { program, early }: How): Promise<number> {
  const { file, pidFile, words, inForeground, hasDetails } = place;
  if (!inForeground) {
    const read = await readConfigFile(file, READ);
    if (!read.ok) {
      process.stderr.write(read.problems.map((one) => `${problemLine(one)}\n`).join(""));
      return EXIT_FILE;
    }
    return startInBackground({
      args: [program, "ldirectord", "--foreground", ...words.slice(0, -1), "start"],
      pidFile,
      syslog: { tag: "ldirectord", priority: "daemon.info" },
    });
  }
  return startGuardian({
    file,
    how: READ,
    runDir: runDirOf(),
    logLevel: hasDetails ? "debug" : "info",
    program,
    early,
    standIn: {
      program: "ldirectord",
      half: null,
      pidFiles: { guardian: pidFile },
      dumpFolder: null,
      notes: [],
    },
  });
}

/** Of the pid file, when it is one of us. */
function runningPid({ pidFile }: Place): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, "utf8"));
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    return /ldirectord/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8")) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
