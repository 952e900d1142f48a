// Kernel settings that are changed while somebody needs them. What they were before is kept in a file, so that a
// start after a crash puts them back.

import { rmSync } from "node:fs";
import { readSysctl, writeSysctl } from "../../kernel/sysctl.ts";
import { readRecord, replaceFile } from "../../lib/durable.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";

export type Sysctls = {
  /**
   * `user` needs this value from now on. The first one who changes a setting remembers what it was. Why it could not be
   * had, in words; null when it is so.
   */
  readonly need: (user: object, path: string, value: string) => string | null;
  /** The same, where a number that is larger already will do. */
  readonly needAtLeast: (user: object, path: string, value: number) => string | null;
  /** When nobody needs a setting any more it becomes what it was. */
  readonly release: (user: object) => void;
  readonly releaseAll: () => void;
};

type Changed = { readonly before: string; readonly users: Set<object> };

/** Puts back what an earlier run left behind. */
export function openSysctls(file: string, log: Log): Sysctls {
  const changed = new Map<string, Changed>();

  for (const [path, before] of Object.entries(readFile(file))) {
    if (read(path) === before) continue;
    if (set(path, before) === null)
      log.warn({ setting: path, value: before }, "setting of an earlier run restored");
  }
  save();

  /** Settings of several numbers have tabs between them. */
  function read(path: string): string | undefined {
    return readSysctl(path)?.replace(/\s+/g, " ");
  }

  function set(path: string, value: string): string | null {
    const now = read(path);
    if (now === undefined) return "this kernel has no such setting";
    if (now === value) return null;
    try {
      writeSysctl(path, value);
      return null;
    } catch (error) {
      log.error({ setting: path, value, error: errorText(error) }, "setting not changed");
      return errorText(error);
    }
  }

  /** Written before the setting is changed: a crash in between restores what never changed. */
  function save(): void {
    try {
      if (changed.size === 0) return rmSync(file, { force: true });
      const befores = Array.from(changed, ([path, { before }]) => [path, before] as const);
      replaceFile(file, `${JSON.stringify(Object.fromEntries(befores))}\n`);
    } catch (error) {
      log.error({ file, error: errorText(error) }, "settings not remembered");
    }
  }

  function restore(path: string, { before }: Changed): void {
    set(path, before);
    changed.delete(path);
  }

  function need(user: object, path: string, value: string): string | null {
    const known = changed.get(path);
    if (known !== undefined) {
      known.users.add(user);
      return set(path, value); // its interface may be another one by now
    }
    const before = read(path);
    if (before !== undefined && before !== value) {
      changed.set(path, { before, users: new Set([user]) });
      save();
    }
    return set(path, value);
  }

  return {
    need,
    needAtLeast(user, path, value) {
      const now = Number(read(path));
      return changed.has(path) || now < value ? need(user, path, String(value)) : null;
    },
    release(user) {
      const sizeBefore = changed.size;
      for (const [path, each] of changed) {
        // Of an interface that is away, what was is remembered: it may only have another name for a while.
        if (!each.users.delete(user) || each.users.size > 0 || isAway(path)) continue;
        restore(path, each);
      }
      if (changed.size !== sizeBefore) save();
    },
    releaseAll() {
      for (const [path, each] of changed) restore(path, each);
      save();
    },
  };
}

function isAway(path: string): boolean {
  return readSysctl(path) === undefined;
}

function readFile(file: string): Readonly<Record<string, string>> {
  // Only what this file can have written: it names paths that are written to as root.
  return Object.fromEntries(
    Object.entries(readRecord(file) ?? {}).filter(
      (entry): entry is [string, string] =>
        /^net\/[\w.@-]+(?:\/[\w.@-]+)*$/.test(entry[0]) &&
        !entry[0].includes("..") &&
        typeof entry[1] === "string",
    ),
  );
}
