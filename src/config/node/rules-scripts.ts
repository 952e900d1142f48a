// Rules of every command in the file: can it be run, who runs it, and may it be trusted; and of the FIFOs.

import { splitWords } from "../../lib/words.ts";
import { keysOf, SECTION_NAMES, type SectionName } from "../keys.ts";
import type { Report } from "../schema/lines.ts";
import { command } from "../schema/plain-types.ts";
import { openOwners } from "../schema/relations.ts";
import type { FifoWords, UserWords } from "../schema/row.ts";
import { type Draft, lineOf, type Section, sectionsOf } from "../schema/section.ts";
import type { KeyType } from "../schema/type.ts";
import { user } from "../schema/users.ts";
import type { Surroundings } from "../surroundings.ts";
import { fifo } from "./notify-lines.ts";

export function judgeScripts(draft: Draft, surroundings: Surroundings, report: Report): void {
  for (const section of sectionsOf(draft)) {
    const values: Readonly<Record<string, unknown>> = section.values;
    for (const [key, type] of runKeys.get(section.kind) ?? []) {
      const line = section.lines[key];
      const value = values[key];
      if (line === undefined || value === undefined) continue;
      if (type === command && typeof value === "string") {
        judgeCommand(value, line, isRoot(userIn(section), surroundings), {
          draft,
          surroundings,
          report,
        });
      }
      const words =
        type === user ? (value as UserWords) : type === fifo ? (value as FifoWords).owner : null;
      const found = words && surroundings.findIdentity(words.user, words.group);
      if (found?.ok === false) report(line, `Cannot use ${key}: ${found.reason}`);
    }
  }
  judgeFifos(draft, report);
}

const runTypes: readonly KeyType<unknown>[] = [command, user, fifo];

/** The keys that name a command, or who runs one. */
const runKeys = new Map(
  SECTION_NAMES.map((kind) => [
    kind,
    Object.entries(keysOf(kind)).flatMap(([key, { type }]) =>
      runTypes.includes(type) ? [[key, type] as const] : [],
    ),
  ]),
);

/** Who runs the commands of a section: its own user, or the one of [global]. */
function userIn({ kind, values }: Section<SectionName>): UserWords | undefined {
  const [key = ""] = Object.entries(keysOf(kind)).find(([, { type }]) => type === user) ?? [];
  return (values as Readonly<Record<string, unknown>>)[key] as UserWords | undefined;
}

/** Warnings only: the script may come with the package that is installed next, and examples name none that exist. */
function judgeCommand(
  text: string,
  line: number,
  byRoot: boolean,
  {
    draft,
    surroundings,
    report,
  }: {
    readonly draft: Draft;
    readonly surroundings: Surroundings;
    readonly report: Report;
  },
): void {
  const shellWord = wordForShell(text);
  if (shellWord !== undefined) {
    report(
      line,
      `${JSON.stringify(text)} is run without a shell, which ${JSON.stringify(shellWord)} needs: write sh -c '...', or put it into a script`,
      "warning",
    );
  }
  const problem = surroundings.commandProblem(text);
  if (problem !== undefined) return report(line, `Cannot run ${problem}`, "warning");
  if (!byRoot) return;
  const insecurity = surroundings.commandInsecurity(text);
  if (insecurity === undefined) return;
  const how = draft.global.values.enable_script_security
    ? "it is refused"
    : "it is run all the same, because enable_script_security is no";
  report(
    line,
    `Cannot trust ${JSON.stringify(text)} to run as root, ${how}: ${insecurity}`,
    "warning",
  );
}

/** Redirections, pipes, lists, variables, substitutions and ~, as words of their own: nobody but a shell knows them. */
const FOR_SHELL =
  /^(?:\|\|?|&&?|;|[0-9&]?[<>].*|\$\{?[A-Za-z_]\w*\}?|\$\(.*|`.*|~(?:\/.*)?)$|^[\w./-]+;$/;

function wordForShell(text: string): string | undefined {
  const split = splitWords(text);
  if (!split.ok) return undefined;
  const [program = "", option] = split.words;
  if (option === "-c" && /(?:^|\/)(?:ba|da|k|z)?sh$/.test(program)) return undefined;
  // What is quoted is somebody else's.
  return split.words.find((word) => !/\s/.test(word) && FOR_SHELL.test(word));
}

/** duet itself is run by root. */
function isRoot(words: UserWords | undefined, { findIdentity }: Surroundings): boolean {
  if (words === undefined) return true;
  const found = findIdentity(words.user, words.group);
  return found.ok && found.identity.uid === 0;
}

function judgeFifos({ global }: Draft, report: Report): void {
  const owners = openOwners(report);
  for (const key of ["notify_fifo", "vrrp_notify_fifo", "lvs_notify_fifo"] as const) {
    const path = global.values[key]?.path;
    if (path !== undefined) owners(path, `${key} ${path}`, global, lineOf(global, key));
  }
}
