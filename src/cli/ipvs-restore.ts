// duet ipvs -R and duet ipvs diff: a file of lines, judged as a whole, is carried out as a whole or not at all.

import { readFileSync } from "node:fs";
import type { WholeIpvs } from "../ipvs/apply.ts";
import type { SettingCommand } from "../ipvs/ipvsadm/command.ts";
import type { Asked } from "../ipvs/ipvsadm/error-text.ts";
import { parse } from "../ipvs/ipvsadm/parse.ts";
import { type Restored, restore } from "../ipvs/ipvsadm/restore.ts";
import { settingsDiff } from "../ipvs/ipvsadm/settings-diff.ts";
import { type ListedService, type Service, serviceName } from "../ipvs/model.ts";
import { type Operation, operationText, plan, subjectOf } from "../ipvs/reconcile.ts";
import type { KernelError } from "../kernel/errors.ts";
import { errorText } from "../lib/errors.ts";
import { cachedNames, carryOut, openOrSay, refusalText } from "./ipvs-kernel.ts";
import { ownedWarning } from "./ipvs-owned.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./options.ts";

const STDIN = 0;
const REFUSED = 255;

/** Exit 2 for bad lines, 255 when the kernel refuses: in both cases nothing is changed. */
export async function runRestore(
  ipvs: WholeIpvs,
  { program, replace }: { readonly program: string; readonly replace: boolean },
): Promise<number> {
  const before = ipvs.list();
  const text = readOrSay("-", program);
  const restored = text === undefined ? undefined : read(text, replace ? [] : before, program);
  if (restored === undefined) return EXIT_USAGE;
  if (replace && restored.lineCount === 0) {
    console.error(`${program}: Cannot replace the table by no lines at all: use -C to clear it`);
    return EXIT_USAGE;
  }
  const operations = plan(restored.services, before, namesOf(before));
  const refusals = refusalsOf(operations, ipvs.execute(operations), restored);
  if (refusals.length === 0) refusals.push(...applySettings(ipvs, restored.settings));
  if (refusals.length > 0) {
    for (const refusal of refusals) console.error(refusal);
    console.error(`${program}: ${putBack(ipvs, before)}`);
    return REFUSED;
  }
  const touched = new Set(operations.map((operation) => serviceName(subjectOf(operation))));
  const warning = await ownedWarning(program, [...touched]);
  if (warning !== undefined) console.error(warning);
  return EXIT_OK;
}

/** What makes the table what FILE says: exit 0 nothing, 1 something, 2 FILE cannot be used. */
export function runDiff(args: readonly string[], program: string): number {
  const [file, ...more] = args;
  if (file === undefined || more.length > 0) {
    console.error(`Usage: ${program} diff FILE (- for stdin)`);
    return EXIT_USAGE;
  }
  const text = readOrSay(file, program);
  const restored = text === undefined ? undefined : read(text, [], program);
  const ipvs = restored && openOrSay(program);
  if (restored === undefined || ipvs === undefined) return EXIT_USAGE;
  const actual = ipvs.list();
  const operations = plan(restored.services, actual, namesOf(actual));
  const settings =
    restored.settings.length === 0
      ? []
      : settingsDiff(restored.settings, {
          timeouts: ipvs.settings.timeouts(),
          daemons: ipvs.settings.daemons(),
        });
  const differences = [...operations.map(operationText), ...settings];
  for (const difference of differences) console.log(difference);
  return differences.length === 0 ? EXIT_OK : EXIT_FAILED;
}

function readOrSay(file: string, program: string): string | undefined {
  try {
    return readFileSync(file === "-" ? STDIN : file, "utf8");
  } catch (error) {
    console.error(`${program}: Cannot read ${file === "-" ? "stdin" : file}: ${errorText(error)}`);
    return undefined;
  }
}

/** undefined when lines are bad, and then all of them were said. */
function read(text: string, base: readonly Service[], program: string): Restored | undefined {
  const names = cachedNames();
  const parseLine = (words: readonly string[]) => parse(words, { program, names });
  const restored = restore(text, { base, parseLine, program });
  const { problems, lineCount } = restored;
  if (problems.length === 0) return restored;
  for (const { line, message, text: words } of problems) {
    console.error(`line ${line}: ${message}: ${words}`);
  }
  console.error(
    `${program}: nothing was changed: ${problems.length} of ${lineCount} lines cannot be used`,
  );
  return undefined;
}

const ASKED: Readonly<Record<Operation["kind"], Asked>> = {
  "add-service": "add-service",
  "set-service": "edit-service",
  "remove-service": "delete-service",
  "add-destination": "add-server",
  "set-destination": "edit-server",
  "remove-destination": "delete-server",
};

function refusalsOf(
  operations: readonly Operation[],
  errors: ReadonlyMap<number, KernelError>,
  { lineOf }: Restored,
): string[] {
  const absent = new Set<string>();
  return [...errors].flatMap(([index, error]) => {
    const operation = operations[index];
    if (operation === undefined) return [];
    const subject = serviceName(subjectOf(operation));
    // The real servers of a service that could not be added fail too, and have nothing to add to its cause.
    if (absent.has(subject)) return [];
    if (operation.kind === "add-service") absent.add(subject);
    const origin = lineOf(operation);
    const why = refusalText(ASKED[operation.kind], error);
    if (origin === undefined) return [`${operationText(operation)}: ${why}`];
    return [`line ${origin.line}: ${why}: ${origin.text}`];
  });
}

/** What was refused, and then what came before it was taken back. Zeroing cannot be: it is done last. */
function applySettings(ipvs: WholeIpvs, commands: readonly SettingCommand[]): string[] {
  const { settings } = ipvs;
  const undo: (() => void)[] = [];
  const isZero = ({ kind }: SettingCommand): boolean => kind === "zero";
  for (const command of [...commands.filter((each) => !isZero(each)), ...commands.filter(isZero)]) {
    try {
      const timeouts = command.kind === "set" ? settings.timeouts() : undefined;
      const daemons = command.kind === "stop-daemon" ? settings.daemons() : [];
      carryOut(ipvs, command);
      if (timeouts !== undefined) undo.unshift(() => settings.setTimeouts(timeouts));
      if (command.kind === "start-daemon") undo.unshift(() => settings.stopDaemon(command.daemon));
      for (const daemon of daemons) {
        if (command.kind === "stop-daemon" && daemon.state === command.daemon.state) {
          undo.unshift(() => settings.startDaemon(daemon));
        }
      }
    } catch (error) {
      for (const takeBack of undo) takeBack();
      const asked = command.kind === "set" ? "anything" : command.kind;
      return [`${command.kind}: ${refusalText(asked, error)}`];
    }
  }
  return [];
}

function putBack(ipvs: WholeIpvs, before: readonly ListedService[]): string {
  const now = ipvs.list();
  const operations = plan(before, now, new Set([...namesOf(before), ...namesOf(now)]));
  const errors = ipvs.execute(operations);
  if (errors.size === 0) return "nothing was changed";
  const left = [...errors.keys()].flatMap((index) => operations[index] ?? []).map(operationText);
  return `the table could not be put back as it was; missing: ${left.join("; ")}`;
}

function namesOf(services: readonly Service[]): ReadonlySet<string> {
  return new Set(services.map(({ key }) => serviceName(key)));
}
