// Rules of every command in the file: can it be run, who runs it, and may it be trusted; and of the FIFOs.

import { splitWords } from "../../lib/words.ts";
import type { KeyName, SectionName } from "../keys.ts";
import type { UserWords } from "../schema/row.ts";
import { type Draft, lineOf, type Section } from "../schema/section.ts";
import type { Report, Surroundings } from "../validate.ts";

export function judgeScripts(draft: Draft, surroundings: Surroundings, report: Report): void {
  for (const command of commandsOf(draft)) judgeCommand(command, draft, surroundings, report);
  for (const { words, line, key } of usersOf(draft)) {
    const found = surroundings.findIdentity(words.user, words.group);
    if (!found.ok) report(line, `Cannot use ${key}: ${found.reason}`);
  }
  judgeFifos(draft, report);
}

const subjectKeys = [
  "notify",
  "notify_master",
  "notify_backup",
  "notify_fault",
  "notify_stop",
] as const satisfies readonly KeyName<"vrrp_sync_group">[];

const instanceKeys = [
  ...subjectKeys,
  "notify_deleted",
  "notify_master_rx_lower_pri",
] as const satisfies readonly KeyName<"vrrp_instance">[];

const serviceKeys = [
  "quorum_up",
  "quorum_down",
] as const satisfies readonly KeyName<"virtual_server">[];

const serverKeys = [
  "notify_up",
  "notify_down",
] as const satisfies readonly KeyName<"real_server">[];

const fifoKeys = [
  "notify_fifo",
  "vrrp_notify_fifo",
  "lvs_notify_fifo",
] as const satisfies readonly KeyName<"global">[];

const globalKeys = [
  "notify_fifo_script",
  "vrrp_notify_fifo_script",
  "lvs_notify_fifo_script",
  "startup_script",
  "shutdown_script",
] as const satisfies readonly KeyName<"global">[];

type Command = {
  readonly text: string;
  readonly line: number;
  /** Written for it; undefined = who [global] says. */
  readonly user: UserWords | undefined;
};

function commandsOf(draft: Draft): readonly Command[] {
  return [
    ...draft.global.flatMap((section) =>
      globalKeys.flatMap((key) => command(section, key, section.values[key], undefined)),
    ),
    ...draft.vrrp_script.flatMap((section) =>
      command(section, "script", section.values.script, section.values.user),
    ),
    ...draft.check.flatMap((section) =>
      command(section, "script", section.values.script, section.values.user),
    ),
    ...draft.vrrp_instance.flatMap((section) =>
      instanceKeys.flatMap((key) =>
        command(section, key, section.values[key], section.values.script_user),
      ),
    ),
    ...draft.vrrp_sync_group.flatMap((section) =>
      subjectKeys.flatMap((key) =>
        command(section, key, section.values[key], section.values.script_user),
      ),
    ),
    ...draft.virtual_server.flatMap((section) =>
      serviceKeys.flatMap((key) =>
        command(section, key, section.values[key], section.values.script_user),
      ),
    ),
    ...draft.real_server.flatMap((section) =>
      serverKeys.flatMap((key) =>
        command(section, key, section.values[key], section.values.script_user),
      ),
    ),
  ];
}

function command<S extends SectionName>(
  section: Section<S>,
  key: KeyName<S>,
  text: string | undefined,
  user: UserWords | undefined,
): readonly Command[] {
  return text === undefined ? [] : [{ text, line: lineOf(section, key), user }];
}

/** Warnings only: the script may come with the package that is installed next, and examples name none that exist. */
function judgeCommand(
  { text, line, user }: Command,
  draft: Draft,
  surroundings: Surroundings,
  report: Report,
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
  const global = draft.global[0].values;
  if (!isRoot(user ?? global.script_user, surroundings)) return;
  const insecurity = surroundings.commandInsecurity(text);
  if (insecurity === undefined) return;
  const how = global.enable_script_security
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
  // What is quoted is somebody else's: sh -c 'a && b' is one word.
  return split.ok
    ? split.words.find((word) => !/\s/.test(word) && FOR_SHELL.test(word))
    : undefined;
}

/** duet itself is run by root. */
function isRoot(words: UserWords | undefined, { findIdentity }: Surroundings): boolean {
  if (words === undefined) return true;
  const found = findIdentity(words.user, words.group);
  return found.ok && found.identity.uid === 0;
}

type User = { readonly words: UserWords; readonly line: number; readonly key: string };

function usersOf(draft: Draft): readonly User[] {
  return [
    ...draft.global.flatMap((section) => [
      ...user(section, "script_user", section.values.script_user),
      ...fifoKeys.flatMap((key) => user(section, key, section.values[key]?.owner ?? undefined)),
    ]),
    ...draft.vrrp_script.flatMap((section) => user(section, "user", section.values.user)),
    ...draft.check.flatMap((section) => user(section, "user", section.values.user)),
    ...[...draft.vrrp_instance, ...draft.vrrp_sync_group, ...draft.virtual_server].flatMap(
      (section) => user(section, "script_user", section.values.script_user),
    ),
  ];
}

function user<S extends SectionName>(
  section: Section<S>,
  key: KeyName<S>,
  words: UserWords | undefined,
): readonly User[] {
  return words === undefined ? [] : [{ words, line: lineOf(section, key), key }];
}

function judgeFifos(draft: Draft, report: Report): void {
  const [section] = draft.global;
  const seen = new Map<string, string>();
  for (const key of fifoKeys) {
    const path = section.values[key]?.path;
    const script = `${key}_script` as const;
    if (path === undefined) {
      if (section.values[script] === undefined) continue;
      report(
        lineOf(section, script),
        `Cannot use ${script} without ${key}, it is ignored: it would have nothing to read`,
        "warning",
      );
      continue;
    }
    const other = seen.get(path);
    if (other !== undefined) {
      report(lineOf(section, key), `Cannot use ${key} ${path}: it is ${other} already`);
    }
    seen.set(path, key);
  }
}
