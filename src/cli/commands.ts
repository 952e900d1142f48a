// The commands that run beside the daemon, each loaded only when it is called for. Not here: `run`, `keepalived`, `ldirectord` and
// `release`, which are the daemon, `plan`, which thinks as it does, and `ipvs`, which is to start at once.

import { didYouMean } from "../config/schema/suggest.ts";
import { EXIT_USAGE } from "./options.ts";

type Command = (args: readonly string[]) => number | Promise<number>;

const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map<
  string,
  () => Promise<Command>
>([
  ["status", async () => (await import("./status.ts")).runStatus],
  ["reload", async () => (await import("./reload.ts")).runReload],
  ["confirm", async () => (await import("./reload.ts")).runConfirm],
  ["switchover", async () => (await import("./switchover.ts")).runSwitchover],
  ["maintenance", async () => (await import("./maintenance.ts")).runMaintenance],
  ["stop", async () => (await import("./stop.ts")).runStop],
  ["check", async () => (await import("./check.ts")).runCheck],
  ["convert", async () => (await import("./convert.ts")).runConvert],
  ["realserver", async () => (await import("./realserver.ts")).runRealServer],
  ["completion", async () => (await import("./completion.ts")).runCompletion],
  ["version", async () => (await import("./version.ts")).runVersion],
  ["help", async () => (await import("./help.ts")).runHelp],
]);

const ELSEWHERE = ["run", "keepalived", "ldirectord", "release", "plan", "ipvs"];

const SPELLINGS: Readonly<Record<string, string>> = {
  "--help": "help",
  "-h": "help",
  "--version": "version",
  "-V": "version",
};

/** Runs one command line (without "duet") and gives its exit code. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const [word, ...args] = argv;
  const names = [...COMMANDS.keys(), ...ELSEWHERE];
  if (word === undefined) {
    console.error(`duet: say what to do: one of ${names.join(", ")}`);
    return EXIT_USAGE;
  }
  const load = COMMANDS.get(SPELLINGS[word] ?? word);
  if (load === undefined) {
    console.error(`duet: Cannot find command "${word}"${didYouMean(word, names)} (see duet help)`);
    return EXIT_USAGE;
  }
  const command = await load();
  return command(args);
}
