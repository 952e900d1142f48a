// duet realserver: what IPVS needs of a real server, set up, taken back, judged. No daemon: what was before is in a file
// of the run directory.

import { join } from "node:path";
import { hasNetAdmin } from "../kernel/capabilities.ts";
import { takeLock } from "../kernel/lock.ts";
import { errorText } from "../lib/errors.ts";
import { makeRunDir, runDirOf } from "../lib/run-dir.ts";
import { type Outcome, start, stepText, stop } from "../realserver/carry-out.ts";
import { type Hands, openHands } from "../realserver/hands.ts";
import { judge } from "../realserver/judge.ts";
import { memoryFile, readMemory, writeMemory } from "../realserver/memory.ts";
import {
  type Memory,
  type Mode,
  NO_MEMORY,
  type Problem,
  type Role,
  type Wanted,
} from "../realserver/model.ts";
import { recognised } from "../realserver/plan.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./options.ts";
import { type RealServerArgs, readRealServerArgs } from "./realserver-args.ts";

const USAGE =
  "Usage: duet realserver dr|tun|nat start|stop|status VIP... [--via DIP] [--json] [--run-dir DIR]";

/** Exit 0 all right, 1 something is wrong or was refused, 2 usage. */
export function runRealServer(words: readonly string[]): number {
  const read = readRealServerArgs(words);
  if (!read.ok) {
    for (const problem of read.problems) say(problem);
    console.error(USAGE);
    return EXIT_USAGE;
  }
  let hands: Hands | undefined;
  try {
    hands = openHands();
    return read.args.action === "status" ? status(read.args, hands) : change(read.args, hands);
  } catch (error) {
    say(errorText(error));
    return EXIT_FAILED;
  } finally {
    hands?.close();
  }
}

function change(args: RealServerArgs, hands: Hands): number {
  const { mode, action } = args;
  if (!hasNetAdmin()) {
    say(`Cannot ${action} ${mode}: CAP_NET_ADMIN is needed, run it as root`);
    return EXIT_FAILED;
  }
  const runDir = runDirOf(args.runDir);
  makeRunDir(runDir);
  const lock = takeLock(join(runDir, "realserver.lock"));
  if (!lock.ok) {
    say(`Cannot ${action} ${mode}: another duet realserver is at work, process ${lock.holderPid}`);
    return EXIT_FAILED;
  }
  try {
    return changeAlone(args, hands, memoryFile(runDir));
  } finally {
    lock.release();
  }
}

function changeAlone(args: RealServerArgs, hands: Hands, file: string): number {
  const { mode, action } = args;
  const remembered = readMemory(file);
  if (remembered.kind === "unreadable") {
    say(
      `Cannot use ${file}: ${remembered.reason}. Without it what was before is not known: remove it to begin anew`,
    );
    return EXIT_FAILED;
  }
  const before = remembered.kind === "memory" ? remembered.memory : markedOnly(args, hands, file);
  const wanted = wantedAfter(before.wanted, args);
  const twice = heldTwice(wanted);
  if (twice !== undefined) {
    say(`Cannot start ${mode} for ${twice}: it is started in another mode, stop it there first`);
    return EXIT_FAILED;
  }
  const save = (memory: Memory): void => writeMemory(file, memory);
  const outcome = (action === "start" ? start : stop)(before, wanted, { hands, save });
  tell(outcome);
  if (outcome.errors.length > 0) return EXIT_FAILED;
  const role = action === "start" ? wanted[mode] : undefined;
  return role === undefined
    ? EXIT_OK
    : tellProblems(judge(mode, role, hands.look()), console.error);
}

/** Without a file: what an earlier start must have made. */
function markedOnly({ mode, action }: RealServerArgs, hands: Hands, file: string): Memory {
  const changes = recognised(mode, hands.look());
  if (changes.length > 0) {
    say(
      `there is no memory of a start in ${file}: what carries duet's mark is known, what settings and routes were before is not`,
    );
  } else if (action === "stop") {
    say(`there is nothing to stop: no ${file} of this boot, and nothing carries duet's mark`);
  }
  return { ...NO_MEMORY, changes };
}

function wantedAfter(wanted: Wanted, { mode, action, vips, via }: RealServerArgs): Wanted {
  if (action === "start") return { ...wanted, [mode]: { vips, via } };
  const { [mode]: role, ...others } = wanted;
  const kept = vips.length === 0 ? [] : (role?.vips ?? []).filter((vip) => !vips.includes(vip));
  return role === undefined || kept.length === 0
    ? others
    : { ...others, [mode]: { ...role, vips: kept } };
}

function heldTwice({ dr, tun }: Wanted): string | undefined {
  return dr?.vips.find((vip) => tun?.vips.includes(vip));
}

function tell({ done, left, errors }: Outcome): void {
  for (const step of done) console.log(stepText(step));
  for (const line of [...left, ...errors]) say(line);
}

function status(args: RealServerArgs, hands: Hands): number {
  const { mode, json } = args;
  const file = memoryFile(runDirOf(args.runDir));
  const remembered = readMemory(file);
  // What is named can be judged without it.
  if (remembered.kind === "unreadable") say(`Cannot use ${file}: ${remembered.reason}`);
  const started = remembered.kind === "memory" ? remembered.memory.wanted[mode] : undefined;
  const role: Role = {
    vips: args.vips.length > 0 ? args.vips : (started?.vips ?? []),
    via: args.via ?? started?.via ?? null,
  };
  const isNamed = mode === "nat" ? role.via !== null : role.vips.length > 0;
  const problems = isNamed ? judge(mode, role, hands.look()) : [notStarted(mode)];
  const ok = problems.every(({ severity }) => severity === "warning");
  if (json) {
    const told = { mode, ...role, started: started !== undefined, ok, problems };
    console.log(JSON.stringify(told, null, 2));
    return ok ? EXIT_OK : EXIT_FAILED;
  }
  if (problems.length === 0) {
    console.log(
      `${[mode, ...role.vips].join(" ")}${role.via === null ? "" : ` via ${role.via}`}: all right`,
    );
  }
  return tellProblems(problems, console.log);
}

function notStarted(mode: Mode): Problem {
  const what = mode === "nat" ? "--via DIP" : "VIP";
  return {
    severity: "error",
    code: "not_started",
    is: `${mode} is not started here, and no ${what} is named to look for`,
    should: "it is started",
    repair: `duet realserver ${mode} start ${what}`,
  };
}

function tellProblems(problems: readonly Problem[], print: (text: string) => void): number {
  for (const { severity, is, should, repair } of problems) {
    print(`${severity}: ${is}\n  should be: ${should}\n  repair:    ${repair}`);
  }
  return problems.some(({ severity }) => severity === "error") ? EXIT_FAILED : EXIT_OK;
}

function say(text: string): void {
  console.error(`duet realserver: ${text}`);
}
